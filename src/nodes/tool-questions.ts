import type { Decision } from "../core/decisions.ts";
import { plainJson } from "../core/json.ts";
import { type Asked, type ToolPayload, toolPayloadSchema } from "../core/requests.ts";
import { clip } from "../core/text.ts";
import type { Execution } from "../postgres/coordination.ts";
import type { ToolWait } from "../postgres/outcomes.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { askedToolCalls, decideToolCall, type ToolCall } from "../postgres/tool-calls.ts";
import { retryTask, type WaitingTask } from "../postgres/waiting.ts";
import { requestId } from "./budget-request.ts";
import type { ActiveThread } from "./runtime.ts";

const INPUT_CHARACTERS = 200;

/** The requests to allow the calls that a task waits for, one each; the same call is always the same request. */
export async function toolRequests(
  thread: ActiveThread,
  { threadId, executionId }: Execution,
  task: Pick<WaitingTask, "id" | "agent">,
  { attempt, turn }: ToolWait,
): Promise<NewRequest[]> {
  const key = { threadId, executionId, taskId: task.id, attempt, turn };
  const calls = await askedToolCalls(thread.database, key);
  return calls.map((call) => requestOf(thread, task, { attempt, turn }, call));
}

function requestOf(
  thread: ActiveThread,
  { id: taskId, agent }: Pick<WaitingTask, "id" | "agent">,
  { attempt, turn }: Pick<ToolWait, "attempt" | "turn">,
  { toolUseId, name, input }: ToolCall,
): NewRequest {
  const payload: ToolPayload = {
    task: taskId,
    agent,
    tool: name,
    args: input,
    attempt,
    turn,
    call: toolUseId,
  };
  return {
    id: requestId("tool", thread, {}, `${taskId} ${attempt} ${turn} ${toolUseId}`),
    ...{ threadId: thread.id, kind: "tool", taskId, payload: plainJson(payload) },
    summary: `Task "${taskId}" (${agent}) asks to use ${name}: ${clip(JSON.stringify(input), INPUT_CHARACTERS)}`,
  };
}

/** Keeps what was decided with the call, and lets its task go on. */
export async function settleToolCall(
  thread: ActiveThread,
  execution: Execution,
  request: Asked,
  decision: Decision,
): Promise<void> {
  const { task, call, attempt, turn } = toolPayloadSchema.parse(request.payload);
  const key = { ...execution, taskId: task, attempt, turn };
  await decideToolCall(thread.database, key, call, plainJson(decision));
  await retryTask(thread.database, execution, task, { anew: false });
}
