import { z } from "zod";
import { plainJson } from "../domain/json.ts";
import type { ToolCall } from "../domain/tool-call.ts";
import { retryTask } from "../postgres/agent-coordination/waiting.ts";
import { decideToolCall, type ToolTurn } from "../postgres/tool-calls.ts";
import type { Question, TaskAnswer } from "./kind.ts";

/** The key of the tool call in a request: the API's id of the call, with its attempt and turn. */
export const callPayloadSchema = z.looseObject({
  task: z.string(),
  agent: z.string(),
  call: z.string(),
  attempt: z.number(),
  turn: z.number(),
  /** Where its process would run, as the request said: an approval holds for that. */
  runs: z.string().optional(),
});

/** A tool call that waits for a human's decision. */
export interface AskedCall {
  readonly key: ToolTurn;
  readonly agent: string;
  readonly call: Pick<ToolCall, "toolUseId" | "name" | "input">;
}

/** The parts of a request about a call that are the same for all kinds. The same call gives the same request. */
export function aboutCall({ key, agent, call }: AskedCall) {
  const { threadId, executionId, taskId, attempt, turn } = key;
  const about = `${executionId} ${taskId} ${attempt} ${turn} ${call.toolUseId}`;
  return {
    question: { threadId, stop: undefined, about, taskId } satisfies Partial<Question<unknown>>,
    place: { task: taskId, agent, attempt, turn, call: call.toolUseId },
  };
}

/** Stores the decision with the call, and makes its task pending again. */
export async function settleCall({ database, execution, asked, decision }: TaskAnswer): Promise<void> {
  const { task, call, attempt, turn, runs } = callPayloadSchema.parse(asked.payload);
  const key = { ...execution, taskId: task, attempt, turn };
  await decideToolCall(database, key, call, plainJson({ ...decision, ...(runs !== undefined && { runs }) }));
  await retryTask(database, execution, task, { restartsLadder: false });
}
