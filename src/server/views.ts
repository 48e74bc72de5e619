import { parseDecision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { TASK_STATUSES } from "../domain/task.ts";
import type { Database } from "../postgres/database.ts";
import { callTotals } from "../postgres/report.ts";
import { openRequestRows, type RequestListRow, requestRowsOf } from "../postgres/request-rows.ts";
import { isThreadLocked } from "../postgres/session-locks.ts";
import {
  attemptsOfTask,
  callsOfTask,
  findTaskText,
  taskRows,
  toolCallsOfTask,
} from "../postgres/task-rows.ts";
import { findThreadRow, type ThreadListRow } from "../postgres/thread-rows.ts";
import { getThread } from "../postgres/threads.ts";
import { KINDS } from "../requests/kinds.ts";
import type { RequestView, TaskCounts, TaskDetail, TaskRow, ThreadRow, ThreadView } from "./api-types.ts";
import { numberLanes } from "./lanes.ts";

const NO_TASKS = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as TaskCounts;

export function threadRowOf({ tasks, ...row }: ThreadListRow): ThreadRow {
  return { ...row, tasks: { ...NO_TASKS, ...tasks } };
}

/** @throws UsageError when there is no such thread. */
export async function threadView(database: Database, threadId: string): Promise<ThreadView> {
  const thread = await getThread(database, threadId);
  const [row, totals, isRun] = await Promise.all([
    findThreadRow(database, thread.id),
    callTotals(database, thread.id),
    isThreadLocked(database, thread.id),
  ]);
  if (!row) throw new UsageError(`There is no thread ${threadId} any more.`);
  const { tasks: _, ...facts } = row;
  const { options, output, error } = thread;
  return { ...facts, options, output, error, tokens: totals.tokens, calls: totals.calls, isRun };
}

/** The tasks of a thread's latest execution, each with the number of the lane that took it. */
export async function taskViews(database: Database, threadId: string): Promise<TaskRow[]> {
  const rows = await taskRows(database, threadId);
  const lanes = numberLanes(rows);
  return rows.map(({ claimedBy, ...row }) => ({ ...row, lane: lanes.get(claimedBy ?? "") ?? null }));
}

export async function taskDetail(
  database: Database,
  threadId: string,
  taskId: string,
): Promise<TaskDetail | undefined> {
  const [tasks, text, calls, toolCalls] = await Promise.all([
    taskViews(database, threadId),
    findTaskText(database, threadId, taskId),
    callsOfTask(database, threadId, taskId),
    toolCallsOfTask(database, threadId, taskId),
  ]);
  const task = tasks.find((one) => one.id === taskId);
  if (!task || !text) return undefined;
  const { executionId, ...texts } = text;
  const attempts = await attemptsOfTask(database, threadId, executionId, taskId);
  return { task, ...texts, attempts, calls, toolCalls };
}

/** Requests as the page shows them: of one thread all, of all threads those that wait. */
export async function requestViews(database: Database, threadId?: string): Promise<RequestView[]> {
  const rows = threadId === undefined ? openRequestRows(database) : requestRowsOf(database, threadId);
  return (await rows).map((row) => requestViewOf(row));
}

export function requestViewOf({ payload, ...row }: RequestListRow, kinds = KINDS): RequestView {
  const kind = kinds.of(row);
  return {
    ...row,
    allowed: kind.allowed({ payload }),
    view: row.status === "open" ? kind.view({ payload }) : null,
    answer: row.answer === null ? null : parseDecision(row.answer, row.id),
  };
}
