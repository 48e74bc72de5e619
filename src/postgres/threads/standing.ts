import type { ThreadStatus } from "../../domain/task.ts";
import { HELD_LOCKS, runLockKey } from "../lock-statements.ts";

/** SQL for the statuses in which a thread has ended. */
export const ENDED_STATUSES = "('completed', 'partial', 'failed', 'cancelled')";

/**
 * SQL for the status of a row of `threads`. A running thread whose lock nobody holds is `stopped`. No row stores that, because
 * a process that is killed writes nothing. The locks are read once a statement, and only when a row says `running`.
 */
export const STATUS = `CASE WHEN status = 'running' AND NOT ${runLockKey("thread_id")} IN (${HELD_LOCKS})
  THEN 'stopped' ELSE status END`;

/** SQL for the rows with a status, which is parameter `$n`. An index finds them by the stored status. */
export function hasStatus(status: ThreadStatus, parameter: number): string {
  const stored = status === "stopped" ? "status = 'running' AND " : `status = $${parameter} AND `;
  return `(${stored}${STATUS} = $${parameter})`;
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
