import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/postgres/database.ts";
import { openSessionLocks } from "../../src/postgres/session-locks.ts";
import { createDecurion } from "../../src/runs/create-decurion.ts";
import { testDatabaseUrl, useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();
const role = `few_${randomBytes(4).toString("hex")}`;
let project = "";

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "decurion-few-"));
  await db().pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'few'`);
  await db().pool.query(`GRANT ALL ON SCHEMA ${db().schema} TO ${role}`);
  await db().pool.query(`GRANT ALL ON ALL TABLES IN SCHEMA ${db().schema} TO ${role}`);
  await db().pool.query(`GRANT ALL ON ALL SEQUENCES IN SCHEMA ${db().schema} TO ${role}`);
});
afterEach(() => db().pool.query(`ALTER ROLE ${role} CONNECTION LIMIT -1`));
afterAll(async () => {
  await db().pool.query(`DROP OWNED BY ${role}`);
  await db().pool.query(`DROP ROLE ${role}`);
  await rm(project, { recursive: true, force: true });
});

function decurionOf(news: string[] = []) {
  const url = new URL(testDatabaseUrl());
  url.username = role;
  url.password = "few";
  const env = { DATABASE_SCHEMA: db().schema };
  return createDecurion({ database: url.href, env, project, onProgress: (sentence) => news.push(sentence) });
}

const LIMITS = new Map([
  ["statement_timeout", "2s"],
  ["lock_timeout", "2s"],
  ["idle_session_timeout", "100ms"],
  ["idle_in_transaction_session_timeout", "100ms"],
  ["default_transaction_isolation", "serializable"],
]);

const task = { agent: "sydney-coder", prompt: "Say what a shard is.", options: { synthesis: false } };

/** Opens, runs one task and closes, as a process does. */
async function runOne(news: string[]): Promise<string> {
  const decurion = decurionOf(news);
  try {
    return (await decurion.runTask(task)).status;
  } finally {
    await decurion.close();
  }
}

describe("a server with few connections", () => {
  it("lets every run complete: those that find no room wait, and say so in one sentence", async () => {
    await db().pool.query(`ALTER ROLE ${role} CONNECTION LIMIT 5`);
    const all = Array.from({ length: 6 }, () => {
      const news: string[] = [];
      return runOne(news).then((status) => ({
        status,
        said: news.filter((one) => /no connections/.test(one)),
      }));
    });
    const ends = await Promise.all(all);
    expect(ends.map(({ status }) => status)).toEqual(Array(6).fill("completed"));
    for (const { said } of ends) expect(new Set(said).size).toBeLessThanOrEqual(1);
  });
});

describe("processes that each have one connection and wait for a second", () => {
  it("never take all: each has two or none, so that every one of them gets on", async () => {
    await db().pool.query(`ALTER ROLE ${role} CONNECTION LIMIT 2`);
    const url = new URL(testDatabaseUrl());
    url.username = role;
    url.password = "few";
    const settings = { url: url.href, schema: db().schema };
    const databases = await Promise.all([openDatabase(settings), openDatabase(settings)]);
    const served = databases.map(async (database) => {
      const locks = await openSessionLocks(database);
      await database.pool.query("SELECT 1");
      await locks.close();
      await database.close();
    });
    await Promise.all(served);
  });
});

describe("limits that a provider sets for a role", () => {
  it("do no harm: our sessions have their own", async () => {
    for (const [name, value] of LIMITS) await db().pool.query(`ALTER ROLE ${role} SET ${name} = '${value}'`);
    const url = new URL(testDatabaseUrl());
    url.username = role;
    url.password = "few";
    const database = await openDatabase({ url: url.href, schema: db().schema });
    const own = await database.connect();
    const names = [...LIMITS.keys()];
    for (const session of [database.pool, own]) {
      const { rows } = await session.query(
        "SELECT current_setting(name) AS is FROM unnest($1::text[]) AS name",
        [names],
      );
      expect(rows.map((row) => row.is)).toEqual(["0", "0", "0", "0", "read committed"]);
    }
    await own.end();
    await database.close();
    expect(await runOne([])).toBe("completed");
    await db().pool.query(`ALTER ROLE ${role} RESET ALL`);
  });

  it("are lived through when they come during a run: read-only is waited out, and each answer is paid once", async () => {
    const news: string[] = [];
    const decurion = decurionOf(news);
    const { thread } = await decurion.runTask(task);
    const endSessions = () =>
      db().pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [role]);
    await db().pool.query(`ALTER ROLE ${role} SET default_transaction_read_only = on`);
    await endSessions();
    const running = decurion.runTask(task);
    await expect.poll(() => news).toContainEqual(expect.stringMatching(/read-only/));
    await db().pool.query(`ALTER ROLE ${role} RESET ALL`);
    await endSessions();
    const report = await running;
    expect(report).toMatchObject({ status: "completed", calls: { paid: 1, unknown: 0 } });
    expect(report.thread).not.toBe(thread);
    await decurion.close();
  });
});
