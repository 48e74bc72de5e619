import { parseDecision } from "../domain/decision.ts";
import type { HumanRequest } from "../domain/request.ts";
import { findTask, type TaskName } from "../postgres/agent-coordination/tasks.ts";
import { callsOfTask } from "../postgres/claude-calls/calls.ts";
import type { Database } from "../postgres/database.ts";
import { failedAttempts } from "../postgres/task-attempts.ts";
import { toolCallsOfTask } from "../postgres/tool-calls.ts";
import { KINDS } from "../requests/kinds.ts";
import type { RequestView, TaskDetail } from "./api-types.ts";

/** A task with its attempts and calls; undefined when the thread has no such task. */
export async function taskDetail(database: Database, name: TaskName): Promise<TaskDetail | undefined> {
  const found = await findTask(database, name);
  if (!found) return undefined;
  const { threadId, taskId } = name;
  const { task, executionId } = found;
  const ofNode = { threadId, taskId, node: task.execution };
  const [attempts, calls, toolCalls] = await Promise.all([
    failedAttempts(database, { threadId, executionId }, taskId),
    callsOfTask(database, ofNode),
    toolCallsOfTask(database, ofNode),
  ]);
  return { task, attempts, calls, toolCalls };
}

/** A request as the page shows it, with its allowed answers. */
export function requestViewOf(request: HumanRequest, kinds = KINDS): RequestView {
  const { payload: _, ...facts } = request;
  const { id, status, answer } = request;
  const kind = kinds.of(request);
  return {
    ...facts,
    view: status === "open" ? kind.view(request) : null,
    allowed: kind.allowed(request),
    answer: answer === null ? null : parseDecision(answer, id),
  };
}
