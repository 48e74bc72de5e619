import { UsageError } from "../../domain/errors.ts";
import type { ThreadStatus } from "../../domain/task.ts";
import type { Thread } from "../../domain/thread.ts";
import type { ThreadOptions } from "../../domain/thread-options.ts";
import type { Database } from "../database.ts";
import { toJsonb, toText } from "../storable.ts";

/** The columns of a thread; `input` is an SQL expression. A list of threads cuts it and leaves the others out. */
export const columnsOf = (input: string) => `thread_id AS "id", graph, status, ${input} AS "input", simulated,
  budget_usd::float8 AS "budgetUsd", to_json(created_at) #>> '{}' AS "createdAt",
  to_json(updated_at) #>> '{}' AS "updatedAt", to_json(ended_at) #>> '{}' AS "endedAt"`;
const COLUMNS = `${columnsOf("input")}, options, output, error`;

export type NewThread = Pick<Thread, "id" | "graph" | "input" | "options" | "simulated" | "budgetUsd">;

/**
 * The thread as it is now, running. A new id makes a row; a known one keeps the options, budget and input it
 * was started with.
 *
 * @throws UsageError when the id belongs to another graph.
 */
export async function beginThread(database: Database, thread: NewThread): Promise<Thread> {
  const { rows } = await database.pool.query<Thread>(
    `INSERT INTO threads (thread_id, graph, input, options, simulated, budget_usd, status)
     VALUES ($1, $2, $3, $4, $5, $6, 'running')
     ON CONFLICT (thread_id) DO UPDATE
       SET status = 'running', ended_at = NULL, error = NULL, updated_at = clock_timestamp()
       WHERE threads.graph = EXCLUDED.graph
     RETURNING ${COLUMNS}`,
    [
      thread.id,
      thread.graph,
      toText(thread.input),
      toJsonb(thread.options),
      thread.simulated,
      thread.budgetUsd,
    ],
  );
  const row = rows[0];
  if (!row) throw new UsageError(`Thread ${thread.id} belongs to another graph than "${thread.graph}".`);
  return row;
}

/** New input on a thread that has one already: the row takes it over. */
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

/** Raises a thread's budget; it never goes down, so that doing it twice changes nothing. */
export async function raiseBudget(database: Database, id: string, budgetUsd: number): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET budget_usd = greatest(budget_usd, $2), updated_at = clock_timestamp() WHERE thread_id = $1`,
    [id, budgetUsd],
  );
}

/**
 * Opens a thread again that may have ended: it is to be run from another of its checkpoints.
 *
 * @param isFresh - from now on the journal answers for no call that the thread has made so far.
 */
export async function reopenThread(database: Database, id: string, isFresh: boolean): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET status = 'queued', output = NULL, error = NULL, ended_at = NULL,
       updated_at = clock_timestamp(),
       replay_after = CASE WHEN $2 THEN coalesce(
         (SELECT max(c.id) FROM claude_calls c WHERE c.thread_id = $1), 0) ELSE replay_after END
     WHERE thread_id = $1`,
    [id, isFresh],
  );
}

/** How a run left its thread. */
export interface ThreadEnd {
  readonly status: ThreadStatus;
  readonly output: string | null;
  readonly error: string | null;
}

/** Records how a run left its thread; `ended_at` is set only when nothing more will happen to it. */
export async function endThread(database: Database, id: string, end: ThreadEnd): Promise<void> {
  await database.pool.query(
    `UPDATE threads SET status = $2, output = $3, error = $4, updated_at = clock_timestamp(),
       ended_at = CASE WHEN $2 IN ('completed', 'partial', 'failed', 'cancelled') THEN clock_timestamp() END
     WHERE thread_id = $1`,
    [id, end.status, toText(end.output), toText(end.error)],
  );
}

/** @throws UsageError when there is no such thread, or the id is no UUID. */
export async function getThread(database: Database, id: string): Promise<Thread> {
  const thread = await findThread(database, id);
  if (!thread) {
    throw new UsageError(`There is no thread ${id}. "list" shows all threads.`);
  }
  return thread;
}

/** The thread whose id is, or starts with, `id` (at least four characters), if exactly one does. */
export async function findThread(database: Database, id: string): Promise<Thread | undefined> {
  if (!/^[0-9a-f-]{4,36}$/i.test(id)) return undefined;
  const { rows } = await database.pool.query<Thread>(
    `SELECT ${COLUMNS} FROM threads WHERE thread_id::text LIKE $1 || '%' LIMIT 2`,
    [id.toLowerCase()],
  );
  return rows.length === 1 ? rows[0] : undefined;
}
