import type { TaskCounts, TaskRow } from "../../server/api-types.ts";

/** The number of tasks in each status. */
export function countsOf(tasks: readonly Pick<TaskRow, "status">[]): TaskCounts {
  const counts = { pending: 0, running: 0, waiting: 0, completed: 0, failed: 0, blocked: 0, cancelled: 0 };
  for (const { status } of tasks) counts[status] += 1;
  return counts;
}
