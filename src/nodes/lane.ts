import { randomUUID } from "node:crypto";
import { CallError } from "../calls/call-error.ts";
import { stopSignal } from "../calls/stop-signal.ts";
import { type ClaimedTask, claimTask, countUnfinished } from "../postgres/agent-coordination/executions.ts";
import { type Lane, runTask } from "./run-task.ts";
import type { ActiveThread } from "./runtime.ts";

/**
 * Runs ready tasks one after another, each while it holds a slot, until none is left. A task is ready when its dependencies
 * are done. Does not throw for an agent's failure or a draining run, because LangGraph would then stop the other lanes in
 * the middle of paid calls.
 */
export async function runLane(start: Omit<Lane, "laneId">): Promise<void> {
  const lane: Lane = { ...start, laneId: randomUUID() };
  const { thread, signal } = lane;
  const stop = stopSignal(signal, thread.claude.draining);
  try {
    while (await hasMoreToDo(lane, stop));
  } catch (error) {
    if (signal.aborted || !isDraining(thread, error)) throw error;
  }
}

/** Runs ready tasks, then waits for a change. @returns false when no task can become ready any more. */
async function hasMoreToDo(lane: Lane, stop: AbortSignal): Promise<boolean> {
  const { thread, execution } = lane;
  const { slots, changes } = thread.lanes;
  const seen = changes.version;
  const pause = await slots.withSlot(thread.id, stop, () => workUntilPause(lane, stop));
  if (pause === "others-wait") return true;
  if (pause === "none-pending") return false;
  const { pending, ready, running } = await countUnfinished(thread.database, execution);
  if (pending === 0) return false;
  if (ready > 0) return true;
  // No task is running, and none has ended meanwhile, so nothing can make a pending task ready.
  if (running === 0 && changes.version === seen) return false;
  // What an idle lane would need is left to the others.
  await thread.claude.underWay.away(() => changes.after(seen, stop));
  return true;
}

/** Whether the error is the end of a lane or a call in a draining run. */
function isDraining({ claude: { draining } }: ActiveThread, error: unknown): boolean {
  const isOurs = error === draining.reason || (error instanceof CallError && error.kind === "aborted");
  return draining.aborted && isOurs;
}

/** Why a lane gives up its slot. */
type Pause = "nothing-ready" | "none-pending" | "others-wait";

/** Runs tasks while some are ready. Stops between two tasks when others in this process wait for a slot. */
async function workUntilPause(lane: Lane, stop: AbortSignal): Promise<Pause> {
  const { thread, execution, laneId } = lane;
  const { startLimiter, slots } = thread.lanes;
  let task: ClaimedTask | null | undefined;
  for (;;) {
    if (!task) stop.throwIfAborted();
    if (!startLimiter.isFree) return startWhenAllowed(lane, stop);
    task ??= await claimTask(thread.database, execution, laneId);
    if (!task) return "nothing-ready";
    const recorded = await runTask(lane, task, stop);
    if (recorded?.nonePending) return "none-pending";
    task = recorded?.next;
    if (!task && slots.hasWaiters(thread.id)) return "others-wait";
  }
}

/** Runs one task when the start limits allow it. Waits only when a task is ready. */
async function startWhenAllowed(lane: Lane, stop: AbortSignal): Promise<Pause> {
  const { thread, execution, laneId, tell } = lane;
  const { ready } = await countUnfinished(thread.database, execution);
  if (ready === 0) return "nothing-ready";
  const note = (text: string) => tell({ type: "note", phase: "agents", taskId: "", text });
  const start = await thread.lanes.startLimiter.nextStart(stop, note);
  try {
    const task = await claimTask(thread.database, execution, laneId);
    if (!task) return "nothing-ready";
    start.began();
    await runTask(lane, task, stop);
    return "others-wait";
  } finally {
    start.ended();
  }
}
