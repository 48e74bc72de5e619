import type { Decision } from "../core/decisions.ts";
import { plainJson } from "../core/json.ts";
import { type Asked, editedPrompt, type FailurePayload, raisedBudget } from "../core/requests.ts";
import { clip } from "../core/text.ts";
import { failedAttempts, lastAnswer } from "../postgres/attempts.ts";
import type { Execution } from "../postgres/coordination.ts";
import { recordOutcome } from "../postgres/outcomes.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { raiseBudget } from "../postgres/threads.ts";
import { type Retry, retryTask, type WaitingTask } from "../postgres/waiting.ts";
import { budgetRequest, requestId } from "./budget-request.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";
import { settleToolCall, toolRequests } from "./tool-questions.ts";

/** Characters of a task's last answer that a human is shown when asked whether to take it. */
const ANSWER_CHARACTERS = 4000;

/** A request, and the tasks that its answer is for. */
export interface TaskQuestion {
  readonly request: NewRequest;
  readonly tasks: readonly WaitingTask[];
}

/**
 * What waiting tasks ask, each thing once: a failure or a task's own budget for each task; the thread's budget, the
 * day's ceiling and Claude's account for all that wait for it.
 */
export async function questionsOfTasks(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
  tasks: readonly WaitingTask[],
): Promise<TaskQuestion[]> {
  const calls = tasks.map(async (task) => {
    if (task.waitingFor.kind !== "tool") return [];
    const requests = await toolRequests(thread, execution, task, task.waitingFor);
    return requests.map((request) => ({ request, tasks: [task] }));
  });
  const groups = new Map<string, WaitingTask[]>();
  for (const task of tasks.filter(({ waitingFor }) => waitingFor.kind !== "tool"))
    groups.set(groupOf(task), [...(groups.get(groupOf(task)) ?? []), task]);
  const questions = [...groups.values()].map(async (members) => ({
    request: await requestFor(thread, execution, context, members),
    tasks: members,
  }));
  return [...(await Promise.all(questions)), ...(await Promise.all(calls)).flat()];
}

function groupOf({ id, waitingFor }: WaitingTask): string {
  return waitingFor.kind === "budget" && waitingFor.ceiling !== "task" ? waitingFor.ceiling : `task ${id}`;
}

async function requestFor(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
  tasks: readonly WaitingTask[],
): Promise<NewRequest> {
  const [task] = tasks;
  if (!task) throw new Error("A question without a task.");
  const { waitingFor } = task;
  if (waitingFor.kind !== "budget") return failureRequest(thread, execution, context, task);
  const needsUsd = tasks.map(({ waitingFor: gap }) => (gap.kind === "budget" ? gap.neededUsd : 0));
  return budgetRequest(thread, context, { gap: waitingFor, tasks: tasks.map(({ id }) => id), needsUsd });
}

async function failureRequest(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
  { id: taskId, agent, prompt, waitingFor }: WaitingTask,
): Promise<NewRequest> {
  const [attempts, answer] = await Promise.all([
    failedAttempts(thread.database, execution, taskId),
    lastAnswer(thread.database, execution, taskId),
  ]);
  const payload: FailurePayload = {
    ...{ task: taskId, agent, prompt, attempts },
    answer: answer && clip(answer.output, ANSWER_CHARACTERS),
  };
  return {
    id: requestId("failure", thread, context, taskId),
    ...{ threadId: thread.id, kind: "failure", taskId, payload: plainJson(payload) },
    summary: `Task "${taskId}" could not be done: ${waitingFor.sentence}`,
  };
}

/** Does what a human decided about waiting tasks: to be tried again, taken as they are, or given up. */
export async function settleTasks(
  thread: ActiveThread,
  execution: Execution,
  request: Asked,
  tasks: readonly WaitingTask[],
  decision: Decision,
): Promise<void> {
  if (request.kind === "tool") return settleToolCall(thread, execution, request, decision);
  if (decision.type === "reject") {
    for (const task of tasks) await giveUp(thread, execution, task, decision.message);
    return;
  }
  if (request.kind === "failure" && decision.type === "approve") {
    for (const task of tasks) await accept(thread, execution, task);
    return;
  }
  const retry = await retryFor(thread, request, decision);
  for (const { id } of tasks) await retryTask(thread.database, execution, id, retry);
}

async function retryFor(thread: ActiveThread, request: Asked, decision: Decision): Promise<Retry> {
  if (request.kind === "failure") {
    return decision.type === "edit"
      ? { prompt: editedPrompt(request, decision.args), anew: true }
      : { ...(decision.type === "respond" && { advice: decision.message }), anew: true };
  }
  const budgetUsd = raisedBudget(request, decision);
  if (budgetUsd === undefined) return { anew: false };
  if ((request.payload as { ceiling?: unknown }).ceiling === "task") return { budgetUsd, anew: false };
  await raiseBudget(thread.database, thread.id, budgetUsd);
  return { anew: false };
}

async function giveUp(
  thread: ActiveThread,
  execution: Execution,
  { id, attempts, escalated, waitingFor }: WaitingTask,
  message: string,
): Promise<void> {
  const why = message === "" ? "" : ` A human gave it up: ${message}`;
  await recordOutcome(thread.database, execution, id, null, {
    ...{ status: "failed", result: null, waitingFor: null, model: null, attempts, escalated },
    error: `${waitingFor.sentence}${why}`,
  });
}

/** The last answer becomes the result, although it did not pass. */
async function accept(
  thread: ActiveThread,
  execution: Execution,
  { id, attempts, escalated }: WaitingTask,
): Promise<void> {
  const result = await lastAnswer(thread.database, execution, id);
  await recordOutcome(thread.database, execution, id, null, {
    ...{ status: "completed", result, error: null, waitingFor: null, model: null, attempts, escalated },
  });
}
