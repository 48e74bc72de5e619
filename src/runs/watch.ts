import { setTimeout as sleep } from "node:timers/promises";
import { PHASES, type Phase, type ProgressEvent } from "../domain/event.ts";
import type { ThreadStatus } from "../domain/task.ts";
import type { TaskRow } from "../domain/task-record.ts";
import { listTasks } from "../postgres/agent-coordination/tasks.ts";
import { costLines } from "../postgres/claude-calls/totals.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads/threads.ts";

const POLL_MS = 400;
/** How long a thread whose questions are answered may stand still: the process that answered takes it in less. */
const TAKEN_WITHIN_MS = 5000;

/** The settings of a watch. */
export interface Watch {
  readonly threadId: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProgressEvent) => void;
  /** Called when the thread starts to wait (true) and when it continues (false). With it, waiting does not end the watch. */
  readonly onWait?: ((isWaiting: boolean) => Promise<void>) | undefined;
}

/**
 * Follows the rows of a thread that another process runs, until it ends, waits for a human, or nobody runs it.
 *
 * @returns the last status; `running` or `waiting` when the signal ended the watch.
 */
export async function watchThread(
  database: Database,
  { threadId, signal, onEvent, onWait }: Watch,
): Promise<ThreadStatus> {
  const seen = { tasks: new Map<string, string>(), spentUsd: new Map<Phase, number>() };
  let wasWaiting = false;
  const standsAtQuestion = questionWatch();
  for (;;) {
    await answerDue(database);
    const { status } = await getThread(database, threadId);
    const isWaiting = standsAtQuestion(status);
    for (const event of newsOf(await listTasks(database, threadId), seen.tasks)) onEvent(event);
    for (const event of await spending(database, threadId, seen.spentUsd)) onEvent(event);
    if (status !== "running" && !(isWaiting && onWait)) return status;
    if (isWaiting !== wasWaiting) await onWait?.(isWaiting);
    wasWaiting = isWaiting;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined); // The next line handles the abort.
    if (signal.aborted) return status;
  }
}

/** Whether a thread waits, or has waited until now and may be about to continue with its answers. */
function questionWatch(): (status: ThreadStatus) => boolean {
  let waitedAtMs = Number.NEGATIVE_INFINITY;
  return (status) => {
    if (status === "waiting") waitedAtMs = performance.now();
    const isAnswered = status === "stopped" && performance.now() - waitedAtMs < TAKEN_WITHIN_MS;
    return status === "waiting" || isAnswered;
  };
}

function newsOf(tasks: readonly TaskRow[], seen: Map<string, string>): ProgressEvent[] {
  const planned: ProgressEvent[] =
    seen.size === 0 && tasks.length > 0
      ? [
          {
            type: "planned",
            tasks: tasks.map(({ id, agent, description }) => ({ id, agent, description })),
          },
        ]
      : [];
  const changed = tasks.filter((task) => (seen.get(keyOf(task)) ?? "pending") !== task.status);
  for (const task of tasks) seen.set(keyOf(task), task.status);
  return [...planned, ...changed.map((task): ProgressEvent => ({ type: "task", ...pick(task) }))];
}

const keyOf = ({ execution, id }: TaskRow): string => `${execution} ${id}`;

function pick({ id, agent, status, summary, error, costUsd, ms }: TaskRow) {
  return { id, agent, status, summary, error, costUsd, ms };
}

/** New costs of plan and synthesis. The events of tasks have the tasks' costs. */
async function spending(
  database: Database,
  threadId: string,
  spentUsd: Map<Phase, number>,
): Promise<ProgressEvent[]> {
  const lines = await costLines(database, threadId);
  const events: ProgressEvent[] = [];
  for (const phase of PHASES.filter((name) => name !== "agents")) {
    const total = lines.filter((line) => line.phase === phase).reduce((sum, line) => sum + line.costUsd, 0);
    const costUsd = total - (spentUsd.get(phase) ?? 0);
    if (costUsd > 0) events.push({ type: "call", phase, taskId: phase, costUsd });
    spentUsd.set(phase, total);
  }
  return events;
}
