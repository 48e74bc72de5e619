import { TASK_STATUSES, type ThreadStatus } from "../../domain/task.ts";
import type { Thread, ThreadRow } from "../../domain/thread.ts";
import { tasksThatCount } from "../agent-coordination/branch.ts";
import type { Database } from "../database.ts";
import { HELD_LOCKS, runLockKey } from "../lock-statements.ts";
import { hasStatus, settled, statusOf } from "./standing.ts";
import { columnsOf } from "./threads.ts";

const INPUT_CHARACTERS = 200;

const NO_TASKS = JSON.stringify(Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])));

/** The columns of a list of threads `t`. Each subquery uses an index on the thread's id. */
const ROW = `SELECT ${columnsOf(`left(t.input, ${INPUT_CHARACTERS})`, statusOf("t"))},
    (SELECT coalesce(sum(c.cost_usd), 0)::float8 FROM claude_calls c WHERE c.thread_id = t.thread_id) AS "costUsd",
    (SELECT count(*)::int FROM requests r WHERE r.thread_id = t.thread_id AND r.status = 'open') AS "waiting",
    '${NO_TASKS}'::jsonb || coalesce((SELECT jsonb_object_agg(s.status, s.tasks) FROM (
      SELECT a.status, count(*) AS tasks FROM agent_coordination a WHERE a.id IN ${tasksThatCount("t.thread_id")}
      GROUP BY a.status) s), '{}') AS "tasks"`;

/** A filter for a list of threads. */
export interface ThreadFilter {
  readonly status?: ThreadStatus | undefined;
  /** A part of the input, or the beginning of an id. */
  readonly words?: string | undefined;
}

/** The last thread of a page: the next page begins after it. */
export type ThreadCursor = Pick<ThreadRow, "id" | "createdAt">;

/** At most `limit` threads, newest first, after a cursor. */
export async function pageOfThreads(
  database: Database,
  { status, words }: ThreadFilter,
  limit: number,
  after?: ThreadCursor,
): Promise<ThreadRow[]> {
  const values: unknown[] = [limit];
  const conditions = [
    ...(status === undefined ? [] : [hasStatus(status, values.push(status))]),
    ...(words === undefined ? [] : [matches(values.push(likePattern(words)))]),
    ...(after
      ? [
          `(created_at, thread_id) < ($${values.push(after.createdAt)}::timestamptz, $${values.push(after.id)}::uuid)`,
        ]
      : []),
  ];
  const { rows } = await database.pool.query<ThreadRow>(
    `${ROW} FROM (
       SELECT * FROM threads ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
       ORDER BY created_at DESC, thread_id DESC LIMIT $1) t
     ORDER BY t.created_at DESC, t.thread_id DESC`,
    values,
  );
  return rows;
}

function matches(parameter: number): string {
  return `(input ILIKE '%' || $${parameter} || '%' OR thread_id::text LIKE lower($${parameter}) || '%')`;
}

/** Escapes the wildcards of LIKE. */
function likePattern(words: string): string {
  return words.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** One thread as a row of a list. */
export async function findThreadRow(database: Database, id: string): Promise<ThreadRow | undefined> {
  return settled(async () => {
    const { rows } = await database.pool.query<ThreadRow>(`${ROW} FROM threads t WHERE t.thread_id = $1`, [
      id,
    ]);
    return rows[0];
  });
}

/** Threads with recent changes: running ones, and those whose row changed within so many seconds. */
export async function changingThreads(
  database: Database,
  withinSeconds: number,
  limit: number,
): Promise<ThreadRow[]> {
  const { rows } = await database.pool.query<ThreadRow>(
    `${ROW} FROM (
       SELECT * FROM threads WHERE status = 'running'
         OR updated_at > clock_timestamp() - make_interval(secs => $1)
       ORDER BY updated_at DESC LIMIT $2) t`,
    [withinSeconds, limit],
  );
  return rows;
}

/** Threads that some process runs right now: their locks are held. */
export async function runningThreads(database: Database): Promise<Pick<Thread, "id" | "input">[]> {
  const { rows } = await database.pool.query<Pick<Thread, "id" | "input">>(
    `SELECT t.thread_id AS "id", t.input FROM threads t
     WHERE ${runLockKey("t.thread_id")} IN (${HELD_LOCKS})
     ORDER BY t.created_at`,
  );
  return rows;
}
