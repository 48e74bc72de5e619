import type { AgentResult } from "../../domain/agent-result.ts";
import type { TaskStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";
import { tasksThatCount } from "./branch.ts";
import type { TaskResult } from "./results.ts";

/** The results of the named tasks as they were last run on the thread's branch, by any node, in the order of the ids. */
export async function latestResults(
  database: Database,
  threadId: string,
  taskIds: readonly string[],
  outputLimit: number,
): Promise<TaskResult[]> {
  const { rows } = await database.pool.query<TaskResult>(
    `SELECT DISTINCT ON (array_position($2, task_id)) task_id AS "id", agent_type AS "agent", description, status,
       error, result->>'summary' AS "summary", left(result->>'output', $3) AS "output",
       coalesce(length(result->>'output'), 0) AS "outputLength"
     FROM agent_coordination WHERE id IN ${tasksThatCount("$1::uuid")} AND task_id = ANY($2)
     ORDER BY array_position($2, task_id), id DESC`,
    [threadId, taskIds, outputLimit],
  );
  return rows;
}

/** One task's whole result, and how the task stands. */
export interface WholeResult {
  readonly status: TaskStatus;
  /** Null while there is none. */
  readonly result: AgentResult | null;
  readonly error: string | null;
}

/** A task as it was last run on its thread's branch; undefined when it never was. */
export async function latestResult(
  database: Database,
  threadId: string,
  taskId: string,
): Promise<WholeResult | undefined> {
  const { rows } = await database.pool.query<WholeResult>(
    `SELECT status, result, error FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} AND task_id = $2 ORDER BY id DESC LIMIT 1`,
    [threadId, taskId],
  );
  return rows[0];
}
