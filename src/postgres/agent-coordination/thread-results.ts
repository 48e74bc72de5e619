import type { AgentResult } from "../../domain/agent-result.ts";
import type { TaskStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";
import { tasksThatCount } from "./branch.ts";
import { RESULT, type TaskResult } from "./results.ts";

/** The status of one task of a thread. */
export interface TaskEnding {
  readonly id: string;
  readonly status: TaskStatus;
  readonly error: string | null;
}

/** The statuses of a thread's current tasks, in the order of executions and plans. */
export async function taskEndings(database: Database, threadId: string): Promise<TaskEnding[]> {
  const { rows } = await database.pool.query<TaskEnding>(
    `SELECT task_id AS "id", status, error FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} ORDER BY id`,
    [threadId],
  );
  return rows;
}

/** Results of the first `limit` of these tasks, each output cut to `outputLimit` characters. */
export async function threadResults(
  database: Database,
  threadId: string,
  { outputLimit, limit }: { readonly outputLimit: number; readonly limit: number },
): Promise<TaskResult[]> {
  const { rows } = await database.pool.query<TaskResult>(
    `SELECT ${RESULT} FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} ORDER BY agent_coordination.id LIMIT $2`,
    [threadId, limit, outputLimit],
  );
  return rows;
}

/** Results of the named tasks among these, from any node, in the order of the names. */
export async function namedResults(
  database: Database,
  threadId: string,
  taskIds: readonly string[],
  outputLimit: number,
): Promise<TaskResult[]> {
  const { rows } = await database.pool.query<TaskResult>(
    `SELECT DISTINCT ON (array_position($2, task_id)) ${RESULT} FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} AND task_id = ANY($2)
     ORDER BY array_position($2, task_id), agent_coordination.id DESC`,
    [threadId, taskIds, outputLimit],
  );
  return rows;
}

/** A task's status and whole result. */
export interface WholeResult {
  readonly status: TaskStatus;
  /** Null while there is none. */
  readonly result: AgentResult | null;
  readonly error: string | null;
}

/** The latest result of a task on the thread's current branch; undefined when the task has not run there. */
export async function wholeResult(
  database: Database,
  threadId: string,
  taskId: string,
): Promise<WholeResult | undefined> {
  const { rows } = await database.pool.query<WholeResult>(
    `SELECT status, result, error FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} AND task_id = $2 ORDER BY agent_coordination.id DESC LIMIT 1`,
    [threadId, taskId],
  );
  return rows[0];
}
