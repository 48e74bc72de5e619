import type { TurnPurpose } from "../calls/purpose.ts";
import type { AgentRequest, AttemptContext } from "./agent-request.ts";

/** On whose behalf a turn of a task is bought. `by` says who buys which turn; what a driver adds comes on top. */
export function purposeOf(
  { threadId, executionId, taskId, taskBudgetUsd }: AgentRequest,
  { signal, onNote }: Pick<AttemptContext, "signal" | "onNote">,
  by: Pick<TurnPurpose, "agent" | "model" | "attempt" | "turn">,
): TurnPurpose {
  return {
    ...by,
    threadId,
    phase: "agents",
    taskId,
    executionId,
    taskBudgetUsd,
    signal,
    ...(onNote && { onNote }),
  };
}
