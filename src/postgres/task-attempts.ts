import type { AgentResult } from "../domain/agent-result.ts";
import type { Attempt } from "../domain/attempt.ts";
import type { FailedAttempt } from "../domain/ladder.ts";
import type { Execution } from "./agent-coordination/executions.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** A failed attempt with its answer, if any, which a human may still accept. */
export type NewAttempt = FailedAttempt & { readonly answer: AgentResult | null };

/** Records a failed attempt and updates its task's count, in one statement, so that the count survives a crash. */
export async function recordAttempt(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
  { attempt, model, failure, digest, answer }: NewAttempt,
): Promise<void> {
  await database.pool.query(
    `WITH attempt AS (
       INSERT INTO task_attempts (session_id, execution_id, task_id, attempt, model, failure, digest, answer)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING)
     UPDATE agent_coordination SET attempts = greatest(attempts, $4)
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3`,
    [threadId, executionId, taskId, attempt, model, failure, toText(digest), answer && toJsonb(answer)],
  );
}

/** A task's failed attempts in this execution, in order. */
export async function failedAttempts(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
): Promise<Attempt[]> {
  const { rows } = await database.pool.query<Attempt>(
    `SELECT attempt, model, failure, digest, to_json(ended_at) #>> '{}' AS "endedAt" FROM task_attempts
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 ORDER BY attempt`,
    [threadId, executionId, taskId],
  );
  return rows;
}

/** The answer of the last failed attempt with an answer. */
export async function lastAnswer(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
): Promise<AgentResult | null> {
  const { rows } = await database.pool.query<{ answer: AgentResult }>(
    `SELECT answer FROM task_attempts
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND answer IS NOT NULL
     ORDER BY attempt DESC LIMIT 1`,
    [threadId, executionId, taskId],
  );
  return rows[0]?.answer ?? null;
}
