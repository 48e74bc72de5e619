import { UsageError } from "../../domain/errors.ts";
import type { StoredStatus } from "../../domain/task.ts";
import type { Thread } from "../../domain/thread.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import type { Database } from "../database.ts";
import { toJsonb, toText } from "../storable.ts";
import { ENDED_STATUSES, settled, statusOf } from "./standing.ts";

/** The columns of a thread in a list. `input` and `status` are SQL expressions; a list cuts the input. */
export const columnsOf = (input: string, status: string) => `thread_id AS "id", graph, ${status} AS "status",
  ${input} AS "input", simulated,
  budget_usd::float8 AS "budgetUsd", to_json(created_at) #>> '{}' AS "createdAt",
  to_json(updated_at) #>> '{}' AS "updatedAt", to_json(ended_at) #>> '{}' AS "endedAt"`;
const MORE_COLUMNS = "options, output, error";
const COLUMNS = `${columnsOf("input", statusOf("threads"))}, ${MORE_COLUMNS}`;
const HELD_COLUMNS = `${columnsOf("input", "threads.status")}, ${MORE_COLUMNS}`;

export interface NewThread
  extends Pick<Thread, "id" | "graph" | "input" | "options" | "simulated" | "budgetUsd"> {
  /** The id of the server that runs the thread, which continues it after a restart. */
  readonly runBy?: string | undefined;
}

/**
 * Sets a thread to running. Inserts a row for a new id; an existing thread keeps its options, budget and input.
 *
 * @throws UsageError when the id belongs to another graph.
 */
export async function beginThread(database: Database, thread: NewThread): Promise<Thread> {
  const { rows } = await database.pool.query<Thread>(
    `INSERT INTO threads (thread_id, graph, input, options, simulated, budget_usd, status, run_by)
     VALUES ($1, $2, $3, $4, $5, $6, 'running', $7)
     ON CONFLICT (thread_id) DO UPDATE
       SET status = 'running', run_by = EXCLUDED.run_by, ended_at = NULL, error = NULL, updated_at = clock_timestamp()
       WHERE threads.graph = EXCLUDED.graph
     RETURNING ${HELD_COLUMNS}`,
    [
      thread.id,
      thread.graph,
      toText(thread.input),
      toJsonb(thread.options),
      thread.simulated,
      thread.budgetUsd,
      thread.runBy ?? null,
    ],
  );
  const row = rows[0];
  if (!row) throw new UsageError(`Thread ${thread.id} belongs to another graph than "${thread.graph}".`);
  return row;
}

/** Replaces the input and options of an existing thread. */
export async function renewThread(
  database: Database,
  id: string,
  input: string,
  options: ThreadOptions,
): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET input = $2, options = $3, output = NULL, updated_at = clock_timestamp()
     WHERE thread_id = $1`,
    [id, toText(input), toJsonb(options)],
  );
}

/** Raises a thread's budget, and never lowers it. Idempotent. */
export async function raiseBudget(database: Database, id: string, budgetUsd: number): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET budget_usd = greatest(budget_usd, $2), updated_at = clock_timestamp() WHERE thread_id = $1`,
    [id, budgetUsd],
  );
}

/**
 * Sets a thread's budget, but not below what its calls have cost or, while they run, may cost.
 *
 * @returns the new budget.
 */
export async function setBudget(database: Database, id: string, budgetUsd: number): Promise<number> {
  const { rows } = await database.pool.query<{ budgetUsd: number }>(
    `UPDATE threads t SET updated_at = clock_timestamp(), budget_usd = greatest($2::numeric, (
       SELECT sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END) FROM claude_calls c
       WHERE c.thread_id = t.thread_id))
     WHERE thread_id = $1 RETURNING budget_usd::float8 AS "budgetUsd"`,
    [id, budgetUsd],
  );
  return rows[0]?.budgetUsd ?? budgetUsd;
}

/**
 * Reopens a thread, which may have ended, for a run from another checkpoint.
 *
 * @param isFresh - whether the journal stops replaying the thread's calls so far.
 */
export async function reopenThread(database: Database, id: string, isFresh: boolean): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET status = 'running', output = NULL, error = NULL, ended_at = NULL,
       updated_at = clock_timestamp(),
       replay_after = CASE WHEN $2 THEN coalesce(
         (SELECT max(c.id) FROM claude_calls c WHERE c.thread_id = $1), 0) ELSE replay_after END
     WHERE thread_id = $1`,
    [id, isFresh],
  );
}

/** A thread's status after a run. A stopped thread stays `running` in its row. */
export interface ThreadEnd {
  readonly status: StoredStatus;
  readonly output: string | null;
  readonly error: string | null;
}

/** Records a thread's status after a run. Sets `ended_at` only for a terminal status. */
export async function endThread(database: Database, id: string, end: ThreadEnd): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET status = $2, output = $3, error = $4, updated_at = clock_timestamp(),
       ended_at = CASE WHEN $2 IN ${ENDED_STATUSES} THEN clock_timestamp() END
     WHERE thread_id = $1`,
    [id, end.status, toText(end.output), toText(end.error)],
  );
}

/** @throws UsageError when there is no such thread, or the id is no UUID. */
export async function getThread(database: Database, id: string): Promise<Thread> {
  const thread = await findThread(database, id);
  if (!thread) {
    throw new UsageError(`There is no thread ${id}: "list" shows all threads.`);
  }
  return thread;
}

/** For the process that holds the thread's lock: its status is what the last run recorded, or `running` when that was cut off. */
export async function findHeldThread(database: Database, id: string): Promise<Thread | undefined> {
  const { rows } = await database.pool.query<Thread>(
    `SELECT ${HELD_COLUMNS} FROM threads WHERE thread_id = $1`,
    [id],
  );
  return rows[0];
}

/** The only thread whose id starts with `id`, which needs at least four characters. */
export async function findThread(database: Database, id: string): Promise<Thread | undefined> {
  if (!/^[0-9a-f-]{4,36}$/i.test(id)) return undefined;
  return settled(async () => {
    const { rows } = await database.pool.query<Thread>(
      `SELECT ${COLUMNS} FROM threads WHERE thread_id::text LIKE $1 || '%' LIMIT 2`,
      [id.toLowerCase()],
    );
    return rows.length === 1 ? rows[0] : undefined;
  });
}
