import { randomUUID } from "node:crypto";
import { CONTEXT_CHARACTERS } from "../attempts/agent-prompt.ts";
import { execute } from "../attempts/execute.ts";
import type { Outcome } from "../attempts/outcome.ts";
import type { ToolUpdate } from "../attempts/tool-loop.ts";
import { CallError } from "../calls/call-error.ts";
import { stopSignal } from "../calls/stop-signal.ts";
import type { ProgressEvent } from "../domain/event.ts";
import { clip } from "../format/text.ts";
import type { Recorded } from "../postgres/agent-coordination/completions.ts";
import {
  type ClaimedTask,
  claimTask,
  countUnfinished,
  type Execution,
  releaseHeld,
} from "../postgres/agent-coordination/executions.ts";
import { resultsOf } from "../postgres/agent-coordination/results.ts";
import { failedAttempts } from "../postgres/task-attempts.ts";
import { agentText } from "./agent-text.ts";
import { OutcomeRecorder } from "./outcome-recorder.ts";
import type { ActiveThread } from "./runtime.ts";

/** One lane at work: whose tasks it takes, how it is told to stop, whom it tells of its progress and how it asks a human. */
interface Lane {
  readonly thread: ActiveThread;
  readonly execution: Execution;
  readonly laneId: string;
  readonly signal: AbortSignal;
  readonly tell: (event: ProgressEvent) => void;
  readonly ask: (taskId: string) => Promise<void>;
}

/**
 * Takes ready tasks one after another until none is left, and does each while holding a slot. A task is taken
 * the moment its dependencies are done. Never throws for an agent's failure, nor because the run is draining: that would
 * stop its siblings in the middle of what they are paying for.
 *
 * @param ask - told of each task that has come to wait for a human, once that is recorded.
 */
export async function runLane(
  thread: ActiveThread,
  execution: Execution,
  signal: AbortSignal,
  tell: (event: ProgressEvent) => void,
  ask: (taskId: string) => Promise<void>,
): Promise<void> {
  const { draining } = thread.claude;
  const lane: Lane = { thread, execution, laneId: randomUUID(), signal, tell, ask };
  const stop = stopSignal(signal, draining);
  try {
    while (await hasMoreToDo(lane, stop));
  } catch (error) {
    if (signal.aborted || !isDraining(thread, error)) throw error;
  }
}

/** Works while there is something to do, then waits until there may be. @returns false when there never will. */
async function hasMoreToDo(lane: Lane, stop: AbortSignal): Promise<boolean> {
  const { thread, execution } = lane;
  const seen = thread.changes.version;
  const pause = await thread.slots.withSlot(thread.id, stop, () => workUntilPause(lane, stop));
  if (pause === "others-wait") return true;
  if (pause === "none-pending") return false;
  const { pending, ready, running } = await countUnfinished(thread.database, execution);
  if (pending === 0) return false;
  if (ready > 0) return true;
  // Nothing runs that could make a pending task ready, and nothing ended since we looked: nothing ever will.
  if (running === 0 && thread.changes.version === seen) return false;
  await thread.changes.after(seen, stop);
  return true;
}

/** Whether a lane or a call ended because the run is draining. */
function isDraining({ claude: { draining } }: ActiveThread, error: unknown): boolean {
  const isOurs = error === draining.reason || (error instanceof CallError && error.kind === "aborted");
  return draining.aborted && isOurs;
}

/** Why a lane takes no more tasks for now. */
type Pause = "nothing-ready" | "none-pending" | "others-wait";

/** Does tasks while there are ready ones; lets others in this process have the slot between two tasks. */
async function workUntilPause(lane: Lane, stop: AbortSignal): Promise<Pause> {
  const { thread, execution, laneId } = lane;
  let task: ClaimedTask | null | undefined;
  for (;;) {
    if (!task) stop.throwIfAborted();
    if (!thread.startLimiter.isFree) return workInTurn(lane, stop);
    task ??= await claimTask(thread.database, execution, laneId);
    if (!task) return "nothing-ready";
    const recorded = await runTask(lane, task, stop);
    if (recorded?.nonePending) return "none-pending";
    task = recorded?.next;
    if (!task && thread.slots.hasWaiters(thread.id)) return "others-wait";
  }
}

/** Does one task when the run's start limits allows it. Nothing waits for leave to do nothing: a ready task is looked for first. */
async function workInTurn(lane: Lane, stop: AbortSignal): Promise<Pause> {
  const { thread, execution, laneId, tell } = lane;
  const { ready } = await countUnfinished(thread.database, execution);
  if (ready === 0) return "nothing-ready";
  const note = (text: string) => tell({ type: "note", phase: "agents", taskId: "", text });
  const turn = await thread.startLimiter.turn(stop, note);
  try {
    const task = await claimTask(thread.database, execution, laneId);
    if (!task) return "nothing-ready";
    turn.started();
    await runTask(lane, task, stop);
    return "others-wait";
  } finally {
    turn.ended();
  }
}

/** @returns what was recorded; a next task that was claimed with it must be run. */
async function runTask(lane: Lane, task: ClaimedTask, stop: AbortSignal): Promise<Recorded | undefined> {
  const { thread, execution, laneId, tell, ask } = lane;
  tell({ ...NEWLY_RUNNING, id: task.id, agent: task.agent });
  const recorder = new OutcomeRecorder({ ...lane, taskId: task.id, stop });
  try {
    const outcome = await executeTask(lane, task, recorder);
    const recorded = await recorder.ensure(outcome);
    if (recorded && outcome.status === "waiting") await ask(task.id);
    if (recorded) tell(taskEvent(task, outcome, recorded));
    return recorded;
  } catch (error) {
    await releaseHeld(thread.database, execution, laneId).catch(() => undefined); // `error` says why.
    thread.changes.announce();
    throw error;
  }
}

async function executeTask(lane: Lane, task: ClaimedTask, recorder: OutcomeRecorder): Promise<Outcome> {
  const { thread, execution, signal, tell } = lane;
  const { threadId, executionId } = execution;
  const agent = thread.agents.get(task.agent);
  const dependencies =
    task.dependsOn.length > 0
      ? await resultsOf(thread.database, execution, task.dependsOn, CONTEXT_CHARACTERS)
      : [];
  const failed = task.attempts > 0 ? await failedAttempts(thread.database, execution, task.id) : [];
  const { prompt, attemptsBefore, advice, hasHistory, validate } = task;
  const tools = thread.tools.for(agent);
  return execute(
    {
      threadId,
      executionId,
      taskId: task.id,
      agent,
      prompt,
      dependencies,
      failed,
      attemptsBefore,
      advice,
      hasHistory,
      validate,
      tools,
      validator: validatorOf(thread, task),
      ladder: thread.ladderFor(task.model, agent),
      taskBudgetUsd: task.budgetUsd ?? undefined,
    },
    {
      claude: thread.claude,
      signal,
      // An agent with tools has processes to end after its answer: the next task is not for this lane yet.
      complete: (completed, call) => recorder.record(completed, { call, mayGoOn: tools === undefined }),
      allowCommands: thread.allowCommands,
      agentMemoryMb: thread.agentMemoryMb,
      memoryGate: thread.memoryGate,
      onText: agentText(task.id, tell),
      onNote: (text) => tell({ type: "note", phase: "agents", taskId: task.id, text }),
      onTool: (event) => tell(toolEvent(task.id, event)),
    },
    thread.driverFor(agent),
  );
}

function validatorOf({ agents, modelFor }: ActiveThread, { validate }: ClaimedTask) {
  if (validate?.agent === undefined) return undefined;
  const agent = agents.get(validate.agent);
  return { agent, model: modelFor(undefined, agent) };
}

/** Characters of a call's input or result that its event tells. */
const TOLD_CHARACTERS = 200;

function toolEvent(taskId: string, { id, name, input, end }: ToolUpdate): ProgressEvent {
  const status = !end ? "running" : end.isError ? "failed" : "done";
  const summary = clip(end ? end.content : JSON.stringify(input), TOLD_CHARACTERS);
  return { type: "tool", phase: "agents", taskId, id, name, status, summary };
}

const NEWLY_RUNNING = {
  type: "task",
  status: "running",
  summary: null,
  error: null,
  costUsd: 0,
  ms: null,
} as const;

function taskEvent(task: ClaimedTask, outcome: Outcome, { ms, costUsd }: Recorded): ProgressEvent {
  return {
    type: "task",
    id: task.id,
    agent: task.agent,
    status: outcome.status,
    summary: outcome.status === "completed" ? outcome.result.summary : null,
    error: outcome.status === "completed" ? null : outcome.error,
    costUsd,
    ms,
  };
}
