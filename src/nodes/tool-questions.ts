import type { Decision } from "../domain/decision.ts";
import { plainJson } from "../domain/json.ts";
import type { ToolCall } from "../domain/tool-call.ts";
import { clip } from "../format/text.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import { retryTask, type WaitingTask } from "../postgres/agent-coordination/waiting.ts";
import { askHuman, type HumanRequest, type NewRequest } from "../postgres/requests.ts";
import { askedToolCalls, decideToolCall, type ToolTurn } from "../postgres/tool-calls.ts";
import {
  type Asked,
  callPayloadSchema,
  type QuestionPayload,
  type ToolPayload,
} from "../requests/requests.ts";
import { ASK_HUMAN, questionSchema } from "../tools/ask-human.ts";
import { withDeadline } from "./ask.ts";
import { requestId } from "./budget-request.ts";
import type { ActiveThread } from "./runtime.ts";

const INPUT_CHARACTERS = 200;

/** A request as it is asked, and the waiting tasks that its answer is for. */
export interface TaskQuestion {
  readonly request: HumanRequest;
  readonly tasks: readonly WaitingTask[];
}

/** Asks about each call that these tasks wait for, to allow it or to answer it; the same call is always the same request. */
export async function askAboutToolCalls(
  thread: ActiveThread,
  { threadId, executionId }: Execution,
  tasks: readonly WaitingTask[],
): Promise<TaskQuestion[]> {
  const questions: TaskQuestion[] = [];
  for (const task of tasks) {
    if (task.waitingFor.kind !== "tool") continue;
    const { attempt, turn } = task.waitingFor;
    const key = { threadId, executionId, taskId: task.id, attempt, turn };
    for (const call of await askedToolCalls(thread.database, key)) {
      const asked = withDeadline(thread, requestOf(thread, key, task.agent, call));
      const request = await askHuman(thread.database, asked);
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
  const call = { task: taskId, agent, attempt, turn, call: toolUseId };
  const kind = name === ASK_HUMAN ? "question" : "tool";
  return {
    id: requestId(kind, thread, {}, `${executionId} ${taskId} ${attempt} ${turn} ${toolUseId}`),
    threadId,
    kind,
    taskId,
    ...(kind === "tool" ? callShown({ ...call, tool: name, args: input }) : questionShown(call, input)),
  };
}

type Shown = Pick<NewRequest, "summary" | "payload">;

function callShown(payload: ToolPayload): Shown {
  const { task, agent, tool, args } = payload;
  const shown = clip(JSON.stringify(args), INPUT_CHARACTERS);
  return {
    payload: plainJson(payload),
    summary: `Task "${task}" (${agent}) asks to use ${tool}: ${shown}`,
  };
}

/** A question that is none as the tool wants it is shown as it is: a human can make more of it than we. */
function questionShown(call: Omit<QuestionPayload, "question">, input: unknown): Shown {
  const parsed = questionSchema.safeParse(input);
  const asked = parsed.success ? parsed.data : { question: clip(JSON.stringify(input), INPUT_CHARACTERS) };
  return {
    payload: plainJson({ ...call, ...asked }),
    summary: `Task "${call["task"]}" (${call["agent"]}) asks: ${asked.question}`,
  };
}

/** Keeps what was decided with the call, and lets its task go on. */
export async function settleToolCall(
  thread: ActiveThread,
  execution: Execution,
  request: Asked,
  decision: Decision,
): Promise<void> {
  const { task, call, attempt, turn } = callPayloadSchema.parse(request.payload);
  const key = { ...execution, taskId: task, attempt, turn };
  await decideToolCall(thread.database, key, call, plainJson(decision));
  await retryTask(thread.database, execution, task, { anew: false });
}
