import type { Decision } from "../core/decisions.ts";
import { plainJson } from "../core/json.ts";
import { type Asked, type ToolPayload, toolPayloadSchema } from "../core/requests.ts";
import { clip } from "../core/text.ts";
import type { Execution } from "../postgres/coordination.ts";
import { askHuman, type HumanRequest, type NewRequest } from "../postgres/requests.ts";
import { askedToolCalls, decideToolCall, type ToolCall, type ToolTurn } from "../postgres/tool-calls.ts";
import { retryTask, type WaitingTask } from "../postgres/waiting.ts";
import { requestId } from "./budget-request.ts";
import type { ActiveThread } from "./runtime.ts";

const INPUT_CHARACTERS = 200;

/** A request to allow a call, and the task that made it. */
export interface ToolQuestion {
  readonly request: HumanRequest;
  readonly tasks: readonly WaitingTask[];
}

/** Asks to allow each call that these tasks wait for; the same call is always the same request. */
export async function askAboutToolCalls(
  thread: ActiveThread,
  { threadId, executionId }: Execution,
  tasks: readonly WaitingTask[],
): Promise<ToolQuestion[]> {
  const questions: ToolQuestion[] = [];
  for (const task of tasks) {
    if (task.waitingFor.kind !== "tool") continue;
    const { attempt, turn } = task.waitingFor;
    const key = { threadId, executionId, taskId: task.id, attempt, turn };
    for (const call of await askedToolCalls(thread.database, key)) {
      const request = await askHuman(thread.database, requestOf(thread, key, task.agent, call));
      questions.push({ request, tasks: [task] });
    }
  }
  return questions;
}

function requestOf(
  thread: ActiveThread,
  { threadId, executionId, taskId, attempt, turn }: ToolTurn,
  agent: string,
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
    id: requestId("tool", thread, {}, `${executionId} ${taskId} ${attempt} ${turn} ${toolUseId}`),
    ...{ threadId, kind: "tool", taskId, payload: plainJson(payload) },
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
