import type { AgentResult } from "../domain/agent-result.ts";
import { recordOutcome } from "../postgres/agent-coordination/outcomes.ts";
import type { WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { TaskAnswer } from "./kind.ts";

type Held = Pick<TaskAnswer, "database" | "execution">;

/** A human gave the task up: it has failed. */
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

/** A human took the answer there is, although it did not pass. */
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
