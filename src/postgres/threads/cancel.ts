import { createHash } from "node:crypto";
import { settleOrphans } from "../claude-calls/ledger.ts";
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
 * Ends a thread as cancelled: cancels its open tasks, withdraws its open requests, and settles the calls of a process that was
 * killed. Finished and paid work stays. The caller holds the thread's lock, and nobody works on the thread.
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
     ), stopped AS (${cancelTasks("(SELECT thread_id FROM ended)")}
     ), settled AS (${settleOrphans("(SELECT thread_id FROM ended)")}
     )
     SELECT FROM ended`,
    [threadId],
  );
  return rowCount === 1;
}

/** Closes the open work of a thread that has ended: cancels its open tasks, and settles calls that nobody waits for. */
export async function closeOpenWork(database: Database, threadId: string): Promise<void> {
  await database.pool.query(`WITH stopped AS (${cancelTasks("$1")}) ${settleOrphans("$1")}`, [threadId]);
}

/** SQL that cancels the open tasks of a thread, an SQL expression. */
const cancelTasks = (thread: string): string => `UPDATE agent_coordination
     SET status = 'cancelled', waiting_for = NULL, ended_at = coalesce(ended_at, clock_timestamp()),
       "timestamp" = clock_timestamp()
     WHERE session_id = ${thread} AND execution_id IS NOT NULL AND status IN ('pending', 'running', 'waiting')`;
