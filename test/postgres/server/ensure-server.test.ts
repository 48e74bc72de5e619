import { fork } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "../../../src/domain/errors.ts";
import { ensureServer, serverStatus, stopServer } from "../../../src/postgres/server/ensure-server.ts";
import { useProgram } from "../../support/program.ts";

const program = useProgram("ensure-server");
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) {
    await stopServer(folder).catch(() => undefined); // Some are broken on purpose.
    await rm(folder, { recursive: true, force: true });
  }
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-server-"));
  await chmod(folder, 0o755);
  folders.push(folder);
  return folder;
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

function inProcess(folder: string): Promise<string> {
  const child = fork(program(), [folder]);
  return new Promise((resolve, reject) => {
    child.once("message", (url) => resolve(String(url)));
    child.once("exit", (code) => code !== 0 && reject(new Error(`exit ${code}`)));
  });
}

/** Most tests share a folder, because setting up a server takes longer than what they do. Each starts it for itself. */
let shared: Promise<string> | undefined;
function sharedFolder(): Promise<string> {
  shared ??= newFolder();
  return shared;
}

describe("the folder's own server", () => {
  it("is one, however many processes want it first, and is left running", async () => {
    const folder = await sharedFolder();

    const urls = await Promise.all(Array.from({ length: 8 }, () => inProcess(folder)));

    expect(new Set(urls).size).toBe(1);
    const [row] = await query<{ version: number }>(
      urls[0] ?? "",
      "SELECT current_setting('server_version_num')::int AS version",
    );
    expect(row?.version).toBeGreaterThanOrEqual(140_000);
    expect(await serverStatus(folder)).toMatchObject({ state: "running" });
  });

  it("keeps its data when it is stopped, and can be stopped twice", async () => {
    const folder = await newFolder();
    expect(await serverStatus(folder)).toMatchObject({ state: "absent" });
    expect(await stopServer(folder)).toBe(false);
    await query((await ensureServer({ directory: folder })).url, "CREATE TABLE kept AS SELECT 42 AS answer");

    expect(await stopServer(folder)).toBe(true);
    expect(await serverStatus(folder)).toMatchObject({ state: "stopped" });
    expect(await stopServer(folder)).toBe(false);

    const again = await ensureServer({ directory: folder });
    expect(await query(again.url, "SELECT answer FROM kept")).toEqual([{ answer: 42 }]);
  });

  it("is started again after kill -9, with everything that was committed", async () => {
    const folder = await sharedFolder();
    await query(
      (await ensureServer({ directory: folder })).url,
      "CREATE TABLE committed AS SELECT 42 AS answer",
    );
    const { pid = 0 } = await serverStatus(folder);
    process.kill(pid, "SIGKILL");
    await expect.poll(async () => (await serverStatus(folder)).state).toBe("stopped");

    const again = await ensureServer({ directory: folder });

    expect(await query(again.url, "SELECT answer FROM committed")).toEqual([{ answer: 42 }]);
  });

  it("is started although its old pid belongs to another program now", async () => {
    const folder = await sharedFolder();
    await ensureServer({ directory: folder });
    const { folder: location } = await serverStatus(folder);
    const pidFile = join(location, "data", "postmaster.pid");
    const lines = (await readFile(pidFile, "utf8")).split("\n");
    await stopServer(folder);
    await writeFile(pidFile, [String(process.pid), ...lines.slice(1)].join("\n"));

    const { url } = await ensureServer({ directory: folder });

    expect(await query(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("lets nobody in without its password, which only its owner can read", async () => {
    const folder = await sharedFolder();
    const url = new URL((await ensureServer({ directory: folder })).url);
    expect(url.hostname).toBe("127.0.0.1");
    expect(url.password.length).toBeGreaterThan(20);

    for (const password of ["", "wrong"]) {
      url.password = password;
      await expect(query(url.href, "SELECT 1")).rejects.toThrow(/password/i);
    }
    const { folder: location } = await serverStatus(folder);
    expect((await stat(join(location, "password"))).mode & 0o077).toBe(0);
  });

  it("stops itself when nobody has used it for a while, and not while somebody does", async () => {
    const folder = await sharedFolder();
    await stopServer(folder); // Each start says when it stops itself.
    const { url } = await ensureServer({ directory: folder, idleStopSeconds: 3 });

    await query(url, "SELECT pg_sleep(5)"); // One client stays longer than the limit …
    expect(await serverStatus(folder)).toMatchObject({ state: "running" });
    for (let use = 0; use < 5; use++) {
      await ensureServer({ directory: folder }); // … then short uses come one after the other.
      await sleep(1000);
    }
    expect(await serverStatus(folder)).toMatchObject({ state: "running" });

    await expect.poll(async () => (await serverStatus(folder)).state, { timeout: 15_000 }).toBe("stopped");
  });

  it("says in one sentence why it cannot be: a database of another version, a folder that is a file", async () => {
    const folder = await sharedFolder();
    await ensureServer({ directory: folder });
    const { folder: location } = await serverStatus(folder);
    await stopServer(folder);
    await writeFile(join(location, "data", "PG_VERSION"), "9.6\n");
    await expect(ensureServer({ directory: folder })).rejects.toThrow(/belongs to Postgres 9\.6/);
    await expect(ensureServer({ directory: folder })).rejects.toThrow(UsageError);

    const home = join(await newFolder(), "file");
    await writeFile(home, "");
    await expect(ensureServer({ directory: home })).rejects.toThrow(/file/);
  });

  it("works below a folder that only root may enter, or anywhere for an ordinary user", async () => {
    const closed = join(await newFolder(), "closed");
    await mkdir(closed, { mode: 0o700 });
    folders.push(join(closed, "home"));

    const { url } = await ensureServer({ directory: join(closed, "home") });

    expect(await query(url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await stopServer(join(closed, "home"));
  });
});
