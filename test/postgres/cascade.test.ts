import { randomUUID } from "node:crypto";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../src/postgres/database.ts";
import { TABLES } from "../../src/postgres/tables.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { testDatabaseUrl, useTestDatabase, useTestSchema } from "../support/database.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";
import { testFolder } from "../support/workspace.ts";

const db = useTestDatabase();
const olderSchema = useTestSchema();
const THREAD = { graph: "g", input: "", options: {}, simulated: false, budgetUsd: 1 };
/** The field report's own statement. */
const SEED = `INSERT INTO agent_coordination (session_id, agent_type, task_id, status, result, emotional_state, timestamp)
  VALUES ($1, 'research', 't1', 'pending', '{"x": 1}', '{"jealousy": 0.8}', now())`;

async function sessionsLeft(id: string): Promise<number> {
  const { rows } = await db().pool.query("SELECT FROM agent_coordination WHERE session_id = $1", [id]);
  return rows.length;
}

describe("every table with rows of threads", () => {
  it("points to its thread by a key that deletes with it, or is one of LangGraph's, and is in the list", async () => {
    const { rows } = await db().pool.query<{ name: string; cascades: boolean }>(
      `SELECT c.relname AS "name", EXISTS (
         SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confdeltype = 'c'
           AND k.confrelid = 'threads'::regclass) AS "cascades"
       FROM pg_class c
       WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'threads'
         AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
           AND a.attname IN ('thread_id', 'session_id'))
       ORDER BY c.relname`,
    );
    const listed = TABLES.filter(({ name }) => name !== "threads");
    expect(Object.fromEntries(rows.map(({ name, cascades }) => [name, cascades]))).toEqual(
      Object.fromEntries(listed.map(({ name, isLangGraphs = false }) => [name, !isLangGraphs])),
    );
    expect(listed.filter(({ isLangGraphs }) => isLangGraphs).map(({ name }) => name)).toEqual([
      "checkpoints",
      "checkpoint_blobs",
      "checkpoint_writes",
    ]);
  });
});

describe("a session of the field report's plain INSERT", () => {
  it("needs no thread, makes none, and stays when threads go", async () => {
    const session = randomUUID();
    const client = new pg.Client({ connectionString: testDatabaseUrl() });
    await client.connect();
    // As psql would: a connection that knows nothing of our search_path.
    await client.query(SEED.replace("agent_coordination", `"${db().schema}".agent_coordination`), [session]);
    await client.end();

    const { rows } = await db().pool.query("DELETE FROM threads RETURNING thread_id");

    expect(rows).toEqual([]);
    expect(await sessionsLeft(session)).toBe(1);
  });

  it.each(["before", "after"])("goes with the thread of its id, where that begins %s it", async (order) => {
    const id = randomUUID();
    if (order === "before") await beginThread(db(), { id, ...THREAD });
    await db().pool.query(SEED, [id]);
    if (order === "after") await beginThread(db(), { id, ...THREAD });

    await db().pool.query("DELETE FROM threads WHERE thread_id = $1", [id]);

    expect(await sessionsLeft(id)).toBe(0);
  });
});

describe("a database that is older than the cascade", () => {
  it("keeps its threads' rows and its sessions, and loses what belongs to threads that are gone", async () => {
    const folder = await testFolder();
    const ours = join(PACKAGE_FOLDER, "src/postgres/migrations");
    const before = (await readdir(ours)).filter((name) => name < "011");
    for (const name of before) await copyFile(join(ours, name), join(folder, name));
    const at = { url: testDatabaseUrl(), schema: olderSchema };
    const old = await openDatabase({ ...at, migrations: pathToFileURL(`${folder}/`) });
    const [kept, gone, session] = [randomUUID(), randomUUID(), randomUUID()];
    await old.pool.query("INSERT INTO threads (thread_id, graph, budget_usd) VALUES ($1, 'g', 1)", [kept]);
    for (const id of [kept, gone]) await insertEverywhere(old.pool, id);
    await old.pool.query(SEED, [session]);
    await old.close();

    const database = await openDatabase(at);

    const left = async (id: string) => {
      const counts = OWNED.map(async ([table, column]) => {
        const { rows } = await database.pool.query(`SELECT FROM ${table} WHERE ${column} = $1`, [id]);
        return rows.length;
      });
      return Promise.all(counts);
    };
    expect(await left(kept)).toEqual([1, 1, 1, 1, 1]);
    expect(await left(gone)).toEqual([0, 0, 0, 0, 0]);
    expect(await left(session)).toEqual([1, 0, 0, 0, 0]);
    await database.pool.query("DELETE FROM threads");
    expect(await left(kept)).toEqual([0, 0, 0, 0, 0]);
    expect(await left(session)).toEqual([1, 0, 0, 0, 0]);
    await database.close();
  });
});

const OWNED = [
  ["agent_coordination", "session_id"],
  ["task_attempts", "session_id"],
  ["claude_calls", "thread_id"],
  ["tool_calls", "thread_id"],
  ["requests", "thread_id"],
] as const;

async function insertEverywhere(pool: pg.Pool, id: string): Promise<void> {
  await pool.query(
    "INSERT INTO agent_coordination (session_id, execution_id, task_id, status) VALUES ($1, 'e', 't', 'completed')",
    [id],
  );
  await pool.query(
    `INSERT INTO task_attempts (session_id, execution_id, task_id, attempt, model, failure, digest)
     VALUES ($1, 'e', 't', 1, 'm', 'tool', 'no')`,
    [id],
  );
  await pool.query(
    `INSERT INTO claude_calls (thread_id, phase, task_id, agent, request_hash, status, model, reserved_usd)
     VALUES ($1, 'agents', 't', 'a', 'h', 'committed', 'm', 1)`,
    [id],
  );
  await pool.query(
    `INSERT INTO tool_calls (thread_id, execution_id, task_id, attempt, turn, position, tool_use_id, name, input, status)
     VALUES ($1, 'e', 't', 1, 1, 1, 'u', 'bash', '{}', 'done')`,
    [id],
  );
  await pool.query(
    "INSERT INTO requests (id, thread_id, kind, summary, payload) VALUES ('plan-' || $1::uuid, $1, 'plan', '', '{}')",
    [id],
  );
}
