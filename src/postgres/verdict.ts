import type { TaskStatus } from "../domain/task.ts";
import type { Database } from "./database.ts";

/** How one task of a thread ended, or where it is now. */
export interface TaskEnding {
  readonly id: string;
  readonly status: TaskStatus;
  readonly error: string | null;
}

/** The tasks of a thread's executions, each id as it was last run, in the plan's order. */
export async function taskEndings(database: Database, threadId: string): Promise<TaskEnding[]> {
  const { rows } = await database.pool.query<TaskEnding>(
    `SELECT "id", status, error FROM (
       SELECT DISTINCT ON (task_id) task_id AS "id", status, error, id AS rank FROM agent_coordination
       WHERE session_id = $1 AND execution_id = (
         SELECT execution_id FROM agent_coordination WHERE session_id = $1 AND execution_id IS NOT NULL
         ORDER BY id DESC LIMIT 1)
       ORDER BY task_id, id DESC) latest
     ORDER BY rank`,
    [threadId],
  );
  return rows;
}
