import { z } from "zod";
import { plainJson } from "../domain/json.ts";
import type { ToolCall } from "../domain/tool-call.ts";
import { retryTask } from "../postgres/agent-coordination/waiting.ts";
import { decideToolCall, type ToolTurn } from "../postgres/tool-calls.ts";
import type { Question, TaskAnswer } from "./kind.ts";

/** Where a call is recorded that a request is about: the API's id of it, and the attempt and the turn that asked for it. */
export const callPayloadSchema = z.looseObject({
  task: z.string(),
  agent: z.string(),
  call: z.string(),
  attempt: z.number(),
  turn: z.number(),
});

/** A call that a human must decide about. */
export interface AskedCall {
  readonly key: ToolTurn;
  readonly agent: string;
  readonly call: Pick<ToolCall, "toolUseId" | "name" | "input">;
}

/** Of the question about a call what does not depend on the kind; the same call is always the same request. */
export function aboutCall({ key, agent, call }: AskedCall) {
  const { threadId, executionId, taskId, attempt, turn } = key;
  const about = `${executionId} ${taskId} ${attempt} ${turn} ${call.toolUseId}`;
  return {
    question: { threadId, stop: undefined, about, taskId } satisfies Partial<Question<unknown>>,
    place: { task: taskId, agent, attempt, turn, call: call.toolUseId },
  };
}

/** Keeps what was decided with the call, and lets its task go on. */
export async function settleCall({ database, execution, asked, decision }: TaskAnswer): Promise<void> {
  const { task, call, attempt, turn } = callPayloadSchema.parse(asked.payload);
  const key = { ...execution, taskId: task, attempt, turn };
  await decideToolCall(database, key, call, plainJson(decision));
  await retryTask(database, execution, task, { restartsLadder: false });
}
