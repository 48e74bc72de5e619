import type { Database } from "../database.ts";

/** The waiting threads with a default answer since they started to wait, which a process may have to resume. */
export async function threadsAnsweredByDeadline(database: Database): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT thread_id AS "id" FROM threads t WHERE status = 'waiting' AND EXISTS (
       SELECT FROM requests r WHERE r.thread_id = t.thread_id AND answered_via = 'deadline'
         AND answered_at > t.updated_at)`,
  );
  return rows.map(({ id }) => id);
}
