import type { AgentResult } from "../domain/agent-result.ts";
import { recordOutcome } from "../postgres/agent-coordination/outcomes.ts";
import type { WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import type { TaskAnswer } from "./kind.ts";

type Place = Pick<TaskAnswer, "database" | "execution">;

/** A human gave the task up: it has failed. */
export async function giveUpTask(
  { database, execution }: Place,
  { id, attempts, escalated, waitingFor }: WaitingTask,
  message: string,
): Promise<void> {
  const why = message === "" ? "" : ` A human gave it up: ${message}`;
  await recordOutcome(database, execution, {
    taskId: id,
    laneId: null,
    outcome: {
      status: "failed",
      result: null,
      waitingFor: null,
      model: null,
      attempts,
      escalated,
      error: `${waitingFor.sentence}${why}`,
    },
  });
}

/** A human took the answer there is, although it did not pass. */
export async function acceptTask(
  { database, execution }: Place,
  { id, attempts, escalated }: WaitingTask,
  result: AgentResult | null,
): Promise<void> {
  await recordOutcome(database, execution, {
    taskId: id,
    laneId: null,
    outcome: {
      status: "completed",
      result,
      error: null,
      waitingFor: null,
      model: null,
      attempts,
      escalated,
    },
  });
}
