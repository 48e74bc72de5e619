import type { Decision } from "../domain/decision.ts";
import { askAboutTasks, type TasksAsked } from "../postgres/agent-coordination/ask-about-tasks.ts";
import type { Execution } from "../postgres/agent-coordination/executions.ts";
import { type WaitingTask, waitingTasks } from "../postgres/agent-coordination/waiting.ts";
import { answerDue, findRequests, type NewRequest } from "../postgres/requests.ts";
import { budgetRequest } from "../requests/budget.ts";
import { withDeadline } from "../requests/deadline.ts";
import { failureRequest } from "../requests/failure.ts";
import type { Asked } from "../requests/kind.ts";
import { kindOf } from "../requests/kinds.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";
import { askAboutToolCalls, type TaskQuestion } from "./tool-questions.ts";

/**
 * Asks a request for each subject that tasks wait for. A failure or a task's own budget concerns one task; the thread's
 * budget, the day's ceiling and the Claude account concern all tasks that wait for it. A request that was asked before keeps
 * its row and its answer.
 */
export async function askAboutWaiting(
  thread: ActiveThread,
  execution: Execution,
  context: NodeContext,
): Promise<TaskQuestion[]> {
  await answerDue(thread.database); // A deadline may have passed while the lanes were working.
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
  // Oldest first, as in every list of requests: a client may answer by position.
  return all.toSorted((a, b) => compare(a.request.askedAt, b.request.askedAt));
}

/** Compares two instants in the format of Postgres. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Asks about a task as soon as it waits, so that a human can answer while other tasks are still running. The gate finds the
 * same request later. Shared subjects are left to the gate, which knows all tasks that wait for them.
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
  const request = await requestFor(thread, execution, context, [task]);
  await askAboutTasks(thread.database, execution, [{ request, taskIds: [task.id] }]);
}

/** Asks about new waiting tasks. A task joins the open request of others that wait for the same subject. */
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
    return { request: await requestFor(thread, execution, context, members), taskIds };
  });
  if (asked.length > 0) await askAboutTasks(thread.database, execution, await Promise.all(asked));
}

/** Whether a task waits for a ceiling that it shares with others. */
function isShared({ waitingFor }: WaitingTask): boolean {
  return waitingFor.kind === "budget" && waitingFor.ceiling !== "task";
}

/** The subject that a task waits for: equal for tasks that share one answer. */
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
  if (!task) throw new Error("A request needs a task.");
  const { waitingFor } = task;
  const { id: threadId, database } = thread;
  const place = { database, execution, threadId, stop: context.executionInfo?.taskId };
  const request =
    waitingFor.kind === "budget"
      ? await budgetRequest(place, {
          gap: waitingFor,
          tasks: tasks.map(({ id }) => id),
          needsUsd: tasks.map(({ waitingFor: gap }) => (gap.kind === "budget" ? gap.neededUsd : 0)),
        })
      : await failureRequest(place, task);
  return withDeadline(kindOf(request), thread.options.deadline, request);
}

/** Applies a human's decision to waiting tasks. */
export function settleTasks(
  { database }: ActiveThread,
  execution: Execution,
  asked: Asked,
  tasks: readonly WaitingTask[],
  decision: Decision,
): Promise<void> {
  return kindOf(asked).settle({ database, execution, asked, tasks, decision });
}
