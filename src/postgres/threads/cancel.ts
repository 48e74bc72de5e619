import { createHash } from "node:crypto";
import type { Database } from "../database.ts";
import { ENDED_STATUSES } from "./standing.ts";

/** The channel of the notifications about threads to cancel. The schema's name may be too long for one. */
export function cancelChannel(schema: string): string {
  return `decurion_cancel_${createHash("sha256").update(schema).digest("hex").slice(0, 32)}`;
}

/** Tells the process that runs the thread to end the run. The row says it too, in case that process misses the notification. */
export async function notifyCancel(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `WITH noted AS (UPDATE threads SET cancel_epoch = epoch WHERE thread_id = $2)
     SELECT pg_notify($1, $2::uuid::text)`,
    [cancelChannel(database.schema), threadId],
  );
}

/**
 * Ends a thread as cancelled: tasks that have not ended are cancelled, and what it asks is withdrawn. What is finished and
 * paid for stays. The caller holds the thread's lock, and nobody is at work on it any more.
 *
 * @returns false when the thread has ended already: then nothing changed.
 */
export async function cancelRows(database: Database, threadId: string): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    `WITH ended AS (
       UPDATE threads SET status = 'cancelled', error = 'It was cancelled.', ended_at = clock_timestamp(),
         updated_at = clock_timestamp()
       WHERE thread_id = $1 AND status NOT IN ${ENDED_STATUSES}
       RETURNING thread_id
     ), withdrawn AS (
       UPDATE requests r SET status = 'withdrawn' FROM ended
       WHERE r.thread_id = ended.thread_id AND r.status = 'open'
     ), stopped AS (
       UPDATE agent_coordination a
       SET status = 'cancelled', waiting_for = NULL, ended_at = coalesce(a.ended_at, clock_timestamp()),
         "timestamp" = clock_timestamp()
       FROM ended
       WHERE a.session_id = ended.thread_id AND a.execution_id IS NOT NULL
         AND a.status IN ('pending', 'running', 'waiting')
     )
     SELECT FROM ended`,
    [threadId],
  );
  return rowCount === 1;
}
