import type { Database } from "../database.ts";

/** Waiting threads that got an answer at a deadline since they began to wait: perhaps no process has gone on with it. */
export async function threadsAnsweredByDeadline(database: Database): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT thread_id AS "id" FROM threads t WHERE status = 'waiting' AND EXISTS (
       SELECT FROM requests r WHERE r.thread_id = t.thread_id AND answered_via = 'deadline'
         AND answered_at > t.updated_at)`,
  );
  return rows.map(({ id }) => id);
}
