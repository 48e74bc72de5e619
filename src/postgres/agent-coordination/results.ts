import type { EmotionalState } from "../../domain/agent-result.ts";
import type { TaskStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";
import type { Execution } from "./executions.ts";

/** A task's result for other tasks and the synthesis: its summary, and its output up to a length. */
export interface TaskResult {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly status: TaskStatus;
  readonly summary: string | null;
  readonly error: string | null;
  readonly output: string | null;
  /** Characters of the whole output, which `output` may cut. */
  readonly outputLength: number;
}

/** The columns of a TaskResult; `$3` is the limit of the output in characters. */
export const RESULT = `task_id AS "id", agent_type AS "agent", description, status, error,
  result->>'summary' AS "summary", left(result->>'output', $3) AS "output",
  coalesce(length(result->>'output'), 0) AS "outputLength"`;

/** Results of the named tasks in plan order, each output cut to `outputLimit` characters. */
export async function resultsOf(
  database: Database,
  { threadId, executionId }: Execution,
  taskIds: readonly string[],
  outputLimit: number,
): Promise<TaskResult[]> {
  const { rows } = await database.pool.query<TaskResult>(
    `SELECT ${RESULT} FROM agent_coordination
     WHERE session_id = $1 AND execution_id = $2 AND task_id = ANY($4) ORDER BY position`,
    [threadId, executionId, outputLimit, taskIds],
  );
  return rows;
}

/** A part of a task's output; `length` is the output's, in characters as Postgres counts them. */
export async function outputPiece(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly text: string; readonly length: number } | undefined> {
  const { rows } = await database.pool.query<{ text: string; length: number }>(
    `SELECT substr(result->>'output', $4 + 1, $5) AS "text", length(result->>'output') AS "length"
     FROM agent_coordination
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND result->>'output' IS NOT NULL`,
    [threadId, executionId, taskId, offset, limit],
  );
  return rows[0];
}

/** A task for the workflow state. */
export interface TaskEnd {
  readonly id: string;
  readonly agent: string;
  readonly status: TaskStatus;
  /** Whether it is pending without blockers. */
  readonly isReady: boolean;
  readonly summary: string | null;
  readonly error: string | null;
  readonly emotionalState: EmotionalState | null;
}

/** Every task of an execution in plan order, as references: summaries cut to `summaryLimit` characters. */
export async function taskEnds(
  database: Database,
  { threadId, executionId }: Execution,
  summaryLimit: number,
): Promise<TaskEnd[]> {
  const { rows } = await database.pool.query<TaskEnd>(
    `SELECT task_id AS "id", agent_type AS "agent", status, left(result->>'summary', $3) AS "summary",
       status = 'pending' AND blockers = 0 AS "isReady",
       left(error, $3) AS "error", emotional_state AS "emotionalState"
     FROM agent_coordination WHERE session_id = $1 AND execution_id = $2 ORDER BY position`,
    [threadId, executionId, summaryLimit],
  );
  return rows;
}
