import type { Decision } from "../domain/decision.ts";
import { plainJson } from "../domain/json.ts";
import { clip } from "../format/text.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import { recordOutcome } from "../postgres/agent-coordination/outcomes.ts";
import {
  type Retry,
  retryTask,
  type WaitingTask,
  waitingTasks,
} from "../postgres/agent-coordination/waiting.ts";
import {
  answerDue,
  askAboutTasks,
  findRequests,
  type NewRequest,
  type TasksAsked,
} from "../postgres/requests.ts";
import { failedAttempts, lastAnswer } from "../postgres/task-attempts.ts";
import { raiseBudget } from "../postgres/threads/threads.ts";
import { type Asked, editedPrompt, type FailurePayload, raisedBudget } from "../requests/requests.ts";
import { withDeadline } from "./ask.ts";
import { budgetRequest, requestId } from "./budget-request.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";
import { askAboutToolCalls, settleToolCall, type TaskQuestion } from "./tool-questions.ts";

/** Characters of a task's last answer that a human is shown when asked whether to take it. */
const ANSWER_CHARACTERS = 4000;

/**
 * Asks what waiting tasks wait for, each thing once: a failure or a task's own budget for each task; the thread's budget,
 * the day's ceiling and Claude's account for all that wait for it. What is asked already keeps its row, with the answer
 * it may have by now.
 */
export async function askAboutWaiting(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
): Promise<TaskQuestion[]> {
  await answerDue(thread.database); // What was asked while the lanes were at work may have come to its deadline.
  await askWhatIsNew(thread, execution, context);
  const tasks = await waitingTasks(thread.database, execution);
  const requests = await findRequests(thread.database, [
    ...new Set(tasks.flatMap((task) => task.requestId ?? [])),
  ]);
  const questions = requests.map((request) => ({
    request,
    tasks: tasks.filter(({ requestId }) => requestId === request.id),
  }));
  const all = [...questions, ...(await askAboutToolCalls(thread, execution, tasks))];
  // As every list of requests has them, oldest first: a client may answer by position.
  return all.toSorted((a, b) => compare(a.request.askedAt, b.request.askedAt));
}

/** Of two instants as Postgres writes them. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Asks what a task waits for as soon as it does, while others are still at work, so that a human can answer by then. The
 * gate finds the same request and asks it no second time. What one answer may help several tasks with is left to the gate,
 * which knows them all.
 */
export async function askAboutTask(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
  taskId: string,
): Promise<void> {
  const [task] = await waitingTasks(thread.database, execution, taskId);
  if (!task || isShared(task)) return;
  if (task.waitingFor.kind === "tool") {
    await askAboutToolCalls(thread, execution, [task]);
    return;
  }
  const request = withDeadline(thread, await requestFor(thread, execution, context, [task]));
  await askAboutTasks(thread.database, execution, [{ request, taskIds: [task.id] }]);
}

/** A task that has come to wait for the same as others joins their request while it is open. */
async function askWhatIsNew(thread: ActiveThread, execution: Execution, context: NodeContext): Promise<void> {
  const tasks = await waitingTasks(thread.database, execution);
  const openAbout = new Map(
    tasks.flatMap((task) => (task.isAsked ? [[subjectOf(task), task.requestId] as const] : [])),
  );
  const unasked = new Map<string, WaitingTask[]>();
  const isNew = ({ requestId, waitingFor }: WaitingTask) => requestId === null && waitingFor.kind !== "tool";
  for (const task of tasks.filter(isNew)) {
    unasked.set(subjectOf(task), [...(unasked.get(subjectOf(task)) ?? []), task]);
  }
  const asked = [...unasked].map(async ([subject, members]): Promise<TasksAsked> => {
    const taskIds = members.map(({ id }) => id);
    const open = openAbout.get(subject);
    if (open) return { request: open, taskIds };
    return { request: withDeadline(thread, await requestFor(thread, execution, context, members)), taskIds };
  });
  if (asked.length > 0) await askAboutTasks(thread.database, execution, await Promise.all(asked));
}

/** Whether a task waits for room under a ceiling that is not its own. */
function isShared({ waitingFor }: WaitingTask): boolean {
  return waitingFor.kind === "budget" && waitingFor.ceiling !== "task";
}

/** What a task waits for, the same for all that one answer helps. */
function subjectOf(task: WaitingTask): string {
  const { id, waitingFor } = task;
  return waitingFor.kind === "budget" && isShared(task) ? waitingFor.ceiling : `task ${id}`;
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
    task: taskId,
    agent,
    prompt,
    attempts,
    answer: answer && clip(answer.output, ANSWER_CHARACTERS),
  };
  return {
    id: requestId("failure", thread, context, taskId),
    threadId: thread.id,
    kind: "failure",
    taskId,
    payload: plainJson(payload),
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
  if (request.kind === "tool" || request.kind === "question")
    return settleToolCall(thread, execution, request, decision);
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
  const outcome = {
    status: "failed" as const,
    result: null,
    waitingFor: null,
    model: null,
    attempts,
    escalated,
    error: `${waitingFor.sentence}${why}`,
  };
  await recordOutcome(thread.database, execution, { taskId: id, laneId: null, outcome });
}

/** The last answer becomes the result, although it did not pass. */
async function accept(
  thread: ActiveThread,
  execution: Execution,
  { id, attempts, escalated }: WaitingTask,
): Promise<void> {
  const result = await lastAnswer(thread.database, execution, id);
  const outcome = {
    status: "completed" as const,
    result,
    error: null,
    waitingFor: null,
    model: null,
    attempts,
    escalated,
  };
  await recordOutcome(thread.database, execution, { taskId: id, laneId: null, outcome });
}
