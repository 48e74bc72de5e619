import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkDatabase } from "../../src/postgres/check-database.ts";
import { openDatabase } from "../../src/postgres/database.ts";
import { openSessionLocks } from "../../src/postgres/session-locks.ts";
import { dropSchema, newSchemaName, testDatabaseUrl } from "../support/database.ts";
import { freePort } from "../support/free-port.ts";

let bouncer: ChildProcess | undefined;
let folder = "";
let direct = new URL("postgresql://localhost");

beforeAll(() => {
  direct = new URL(testDatabaseUrl());
});
afterEach(async () => {
  bouncer?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Starts a pooler before the tests' server. @returns its address. */
async function startPooler(mode: "session" | "transaction" | "statement", settings = ""): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), "decurion-pooler-"));
  await chmod(folder, 0o755);
  const port = await freePort();
  const { hostname, port: serverPort, username, password } = direct;
  const file = join(folder, "pgbouncer.ini");
  const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
  await writeFile(
    file,
    `[databases]\n* = ${server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\n` +
      `unix_socket_dir =\npool_mode = ${mode}\nignore_startup_parameters = extra_float_digits\n${settings}\n`,
  );
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  bouncer = spawn("pgbouncer", [file], { stdio: "ignore", ...user });
  const url = new URL(direct);
  url.port = String(port);
  url.pathname = direct.pathname;
  await expect.poll(() => answers(url.href)).toBe(true);
  return url.href;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}

async function hasSchema(name: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: direct.href });
  await client.connect();
  const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [name]);
  await client.end();
  return rows.length > 0;
}

describe("a pooler", () => {
  for (const [mode, settings] of [
    ["transaction", ""],
    ["transaction", "default_pool_size = 1"],
    ["transaction", "server_round_robin = 1"],
    ["statement", ""],
  ] as const) {
    it(`in ${mode} mode ${settings} is refused in one sentence, before anything is written`, async () => {
      const url = await startPooler(mode, settings);
      const schema = newSchemaName();
      const refusal = openDatabase({ url, schema });
      await expect(refusal).rejects.toThrow(/pooler in transaction mode.*session mode/);
      expect(await hasSchema(schema)).toBe(false);
      expect(await checkDatabase(url, schema)).toMatchObject({
        isUsable: false,
        why: expect.stringMatching(/pooler/),
      });
    });
  }

  it("in session mode works", async () => {
    const url = await startPooler("session");
    const schema = newSchemaName();
    const database = await openDatabase({ url, schema });
    const [one, other] = [await openSessionLocks(database), await openSessionLocks(database)];
    const threadId = "00000000-0000-4000-8000-000000000001";
    expect(await one.lockThread(threadId)).toBe(true);
    expect(await other.lockThread(threadId)).toBe(false);
    expect(await checkDatabase(url, schema)).toMatchObject({ isUsable: true });
    await one.close();
    await other.close();
    await database.close();
    await dropSchema(schema);
  });
});
