import type { Database } from "../database.ts";
import { toText } from "../storable.ts";
import type { Execution } from "./executions.ts";
import type { WaitingFor } from "./outcomes.ts";

/** A task that waits for a human. */
export interface WaitingTask {
  readonly id: string;
  readonly agent: string;
  readonly prompt: string;
  readonly attempts: number;
  readonly escalated: boolean;
  readonly budgetUsd: number | null;
  readonly waitingFor: WaitingFor;
  /** The task's request, if any, and whether it is open. */
  readonly requestId: string | null;
  readonly isAsked: boolean;
}

/** The waiting tasks of an execution, or only the named one, in the plan's order. Withdrawn requests are ignored. */
export async function waitingTasks(
  database: Database,
  { threadId, executionId }: Execution,
  taskId?: string,
): Promise<WaitingTask[]> {
  const { rows } = await database.pool.query<WaitingTask>(
    `SELECT a.task_id AS "id", agent_type AS "agent", prompt, attempts, escalated, budget_usd::float8 AS "budgetUsd",
       waiting_for AS "waitingFor", r.id AS "requestId", coalesce(r.status = 'open', false) AS "isAsked"
     FROM agent_coordination a LEFT JOIN requests r ON r.id = a.request_id AND r.status <> 'withdrawn'
     WHERE session_id = $1 AND execution_id = $2 AND a.status = 'waiting' AND ($3::text IS NULL OR a.task_id = $3)
     ORDER BY position`,
    [threadId, executionId, taskId ?? null],
  );
  return rows;
}

/** A human's changes for the retry of a task. */
export interface Retry {
  readonly prompt?: string;
  /** For the agent's prompt. */
  readonly advice?: string;
  /** The task's new ceiling. */
  readonly budgetUsd?: number;
  /** Whether the ladder starts again from its first model. */
  readonly restartsLadder: boolean;
}

/** Makes a waiting task pending again. */
export async function retryTask(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
  { prompt, advice, budgetUsd, restartsLadder }: Retry,
): Promise<void> {
  await database.pool.query(
    `UPDATE agent_coordination
     SET status = 'pending', waiting_for = NULL, request_id = NULL, error = NULL, claimed_by = NULL, started_at = NULL, ended_at = NULL,
       prompt = coalesce($4, prompt), advice = coalesce($5, advice), budget_usd = coalesce($6, budget_usd),
       attempts_before = CASE WHEN $7 THEN attempts ELSE attempts_before END, "timestamp" = clock_timestamp()
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND status = 'waiting'`,
    [
      threadId,
      executionId,
      taskId,
      prompt === undefined ? null : toText(prompt),
      advice === undefined ? null : toText(advice),
      budgetUsd ?? null,
      restartsLadder,
    ],
  );
}
