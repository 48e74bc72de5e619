import type { AgentResult } from "../domain/agent-result.ts";
import { recordOutcome } from "../postgres/agent-coordination/outcomes.ts";
import type { WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { TaskAnswer } from "./kind.ts";

type Held = Pick<TaskAnswer, "database" | "execution">;

/** Records as failed a task that a human gave up. */
export async function giveUpTask(
  { database, execution }: Held,
  { id, attempts, escalated, waitingFor }: WaitingTask,
  message: string,
): Promise<void> {
  const why = message === "" ? "" : ` A human gave it up: ${message}`;
  const outcome = {
    status: "failed" as const,
    result: null,
    waitingFor: null,
    model: null,
    attempts,
    escalated,
    error: `${waitingFor.sentence}${why}`,
  };
  await recordOutcome(database, execution, { taskId: id, laneId: null, outcome });
}

/** Completes a task with an answer that a human accepted although it had failed. */
export async function acceptTask(
  { database, execution }: Held,
  { id, attempts, escalated }: WaitingTask,
  result: AgentResult | null,
): Promise<void> {
  const outcome = {
    status: "completed" as const,
    result,
    error: null,
    waitingFor: null,
    model: null,
    attempts,
    escalated,
  };
  await recordOutcome(database, execution, { taskId: id, laneId: null, outcome });
}
