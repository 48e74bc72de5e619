import type { TaskStatus, ThreadStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";

/** A thread in a list. Money in USD, instants in ISO 8601. */
export interface ThreadListRow {
  readonly id: string;
  readonly graph: string;
  readonly status: ThreadStatus;
  /** Its first characters. */
  readonly input: string;
  readonly costUsd: number;
  readonly budgetUsd: number;
  /** Of its latest execution; a status that no task is in is left out. */
  readonly tasks: Partial<Readonly<Record<TaskStatus, number>>>;
  /** Requests that wait for a human. */
  readonly waiting: number;
  readonly simulated: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
}

const INPUT_CHARACTERS = 200;

/** Everything a list shows of the threads `t`. Each part is one look-up by the thread's id in an index. */
const ROW = `SELECT t.thread_id AS "id", t.graph, t.status, left(t.input, ${INPUT_CHARACTERS}) AS "input",
    t.budget_usd::float8 AS "budgetUsd", t.simulated, to_json(t.created_at) #>> '{}' AS "createdAt",
    to_json(t.updated_at) #>> '{}' AS "updatedAt", to_json(t.ended_at) #>> '{}' AS "endedAt",
    (SELECT coalesce(sum(c.cost_usd), 0)::float8 FROM claude_calls c WHERE c.thread_id = t.thread_id) AS "costUsd",
    (SELECT count(*)::int FROM requests r WHERE r.thread_id = t.thread_id AND r.status = 'open') AS "waiting",
    coalesce((SELECT jsonb_object_agg(s.status, s.tasks) FROM (
      SELECT a.status, count(*) AS tasks FROM agent_coordination a
      WHERE a.session_id = t.thread_id AND a.execution_id = (
        SELECT l.execution_id FROM agent_coordination l
        WHERE l.session_id = t.thread_id AND l.execution_id IS NOT NULL ORDER BY l.id DESC LIMIT 1)
      GROUP BY a.status) s), '{}') AS "tasks"`;

/** Which threads a list is of. */
export interface ThreadFilter {
  readonly status?: ThreadStatus | undefined;
  /** Words of the input, or the beginning of an id. */
  readonly words?: string | undefined;
}

/** Where a page begins: after this thread. */
export type ThreadPlace = Pick<ThreadListRow, "id" | "createdAt">;

/** At most `limit` threads, newest first, after the place where the page before ended. */
export async function pageOfThreads(
  database: Database,
  { status, words }: ThreadFilter,
  limit: number,
  after?: ThreadPlace,
): Promise<ThreadListRow[]> {
  const values: unknown[] = [limit];
  const conditions = [
    ...(status === undefined ? [] : [`status = $${values.push(status)}`]),
    ...(words === undefined ? [] : [matches(values.push(likePattern(words)))]),
    ...(after
      ? [
          `(created_at, thread_id) < ($${values.push(after.createdAt)}::timestamptz, $${values.push(after.id)}::uuid)`,
        ]
      : []),
  ];
  const { rows } = await database.pool.query<ThreadListRow>(
    `${ROW} FROM (
       SELECT * FROM threads ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
       ORDER BY created_at DESC, thread_id DESC LIMIT $1) t
     ORDER BY t.created_at DESC, t.thread_id DESC`,
    values,
  );
  return rows;
}

function matches(place: number): string {
  return `(input ILIKE '%' || $${place} || '%' OR thread_id::text LIKE lower($${place}) || '%')`;
}

/** The text itself, whatever LIKE takes for a wildcard. */
function likePattern(words: string): string {
  return words.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** One thread as a list shows it. */
export async function findThreadRow(database: Database, id: string): Promise<ThreadListRow | undefined> {
  const { rows } = await database.pool.query<ThreadListRow>(`${ROW} FROM threads t WHERE t.thread_id = $1`, [
    id,
  ]);
  return rows[0];
}

/** Threads that may have changed lately: those under way, and those whose row changed within so many seconds. */
export async function changingThreads(
  database: Database,
  withinSeconds: number,
  limit: number,
): Promise<ThreadListRow[]> {
  const { rows } = await database.pool.query<ThreadListRow>(
    `${ROW} FROM (
       SELECT * FROM threads WHERE status = 'running'
         OR updated_at > clock_timestamp() - make_interval(secs => $1)
       ORDER BY updated_at DESC LIMIT $2) t`,
    [withinSeconds, limit],
  );
  return rows;
}
