import type { ThreadStatus } from "../../domain/task.ts";
import { HELD_LOCKS, runLockKey } from "../lock-statements.ts";

/** SQL for the statuses in which a thread has ended. */
export const ENDED_STATUSES = "('completed', 'partial', 'failed', 'cancelled')";

/**
 * SQL for the status of a row of `threads`, which is `table` in the statement. A thread whose row is running, or waits without an
 * open request because its answers are recorded, is `running` when somebody holds its lock, otherwise `stopped`. No row stores
 * that, because a process that is killed writes nothing. The locks are read once a statement, and only for such rows.
 */
export const statusOf = (table: string): string => `CASE WHEN (${table}.status = 'running'
    OR ${table}.status = 'waiting' AND NOT EXISTS (
      SELECT FROM requests asked WHERE asked.thread_id = ${table}.thread_id AND asked.status = 'open'))
  THEN CASE WHEN ${runLockKey(`${table}.thread_id`)} IN (${HELD_LOCKS}) THEN 'running' ELSE 'stopped' END
  ELSE ${table}.status END`;

/** SQL for the rows of `threads` with a status, which is parameter `$n`. An index finds them by the stored status. */
export function hasStatus(status: ThreadStatus, parameter: number): string {
  const isDerived = status === "stopped" || status === "running";
  const stored = isDerived ? "status IN ('running', 'waiting') AND " : `status = $${parameter} AND `;
  return `(${stored}${statusOf("threads")} = $${parameter})`;
}

/**
 * Reads a row again when it says `stopped`. A run ends with its row first and its lock second, so a statement that began in
 * between sees the old row without a lock. The second statement sees the new row.
 */
export async function settled<Row extends { readonly status: ThreadStatus }>(
  read: () => Promise<Row | undefined>,
): Promise<Row | undefined> {
  const row = await read();
  return row?.status === "stopped" ? read() : row;
}
