import type { Database } from "../database.ts";
import { statusOf } from "./standing.ts";

/**
 * The threads with a default answer since they started to wait, which a process may have to resume. A stopped thread may wait
 * too: its process was killed before the row said `waiting`.
 */
export async function threadsAnsweredByDeadline(database: Database): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT thread_id AS "id" FROM threads t WHERE status IN ('waiting', 'running') AND ${statusOf("t")} IN ('waiting', 'stopped') AND EXISTS (
       SELECT FROM requests r WHERE r.thread_id = t.thread_id AND answered_via = 'deadline'
         AND answered_at > t.updated_at)`,
  );
  return rows.map(({ id }) => id);
}
