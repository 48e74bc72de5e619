import { setTimeout as sleep } from "node:timers/promises";
import { END, Send, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { stoppedError } from "../calls/call-error.ts";
import type { EmotionalState } from "../domain/agent-result.ts";
import { dependantsOf, wavesOf } from "../domain/plan.ts";
import type { Task, TaskReference } from "../domain/task.ts";
import { type NewTaskRow, openExecution } from "../postgres/agent-coordination/executions.ts";
import { type TaskEnd, taskEnds } from "../postgres/agent-coordination/results.ts";
import { answersOrStop } from "./ask.ts";
import { runLane } from "./lane.ts";
import {
  activeThread,
  checkpointOf,
  type NodeContext,
  type RuntimeSource,
  signalOf,
  whileActive,
} from "./runtime.ts";
import { type ExecutorState, executorState } from "./state.ts";
import { askAboutTask, askAboutWaiting, settleTasks } from "./task-questions.ts";

/** Characters of a task's summary or error that the workflow state keeps. */
const SUMMARY_CHARACTERS = 500;

/**
 * Lanes begin so far apart, in ms: about what one needs between an answer and its next request. Ten that begin at once stay
 * in step where answers take equally long, and each waits for the work of all ten, every time.
 */
const LANES_APART_MS = 3;

const laneInput = z.object({ executionId: z.string(), lane: z.number() });

/**
 * The node which runs agents: a compiled subgraph, one box in Studio and, opened,
 * `dispatch → lane × min(parallel, tasks) → collect → (gate → lanes) | end`. It reads `currentTasks` and fills `agentResults`.
 * Ten thousand tasks cost the graph no more than ten: lanes take tasks from Postgres, not from the state.
 */
export function claudeExecutor(source: RuntimeSource) {
  return new StateGraph(executorState)
    .addNode("dispatch", (state: ExecutorState, rt: NodeContext) => dispatch(source, state, rt), {
      metadata: { description: "Writes the tasks to agent_coordination." },
    })
    .addNode("lane", (input: z.infer<typeof laneInput>, rt: NodeContext) => lane(source, input, rt), {
      input: laneInput,
      metadata: { description: "Takes ready tasks and runs each with its agent until none is left." },
    })
    .addNode("collect", (state: ExecutorState, rt: NodeContext) => collect(source, state, rt), {
      metadata: { description: "Reads what came of the tasks back into the state." },
    })
    .addNode("gate", (state: ExecutorState, rt: NodeContext) => gate(source, state, rt), {
      metadata: { description: "A human decides about the tasks that wait: a budget, a failure." },
    })
    .addEdge(START, "dispatch")
    .addConditionalEdges(
      "dispatch",
      (state: ExecutorState, rt: NodeContext) => sendLanes(source, state, rt),
      { "side by side": "lane", "no tasks": "collect" },
    )
    .addEdge("lane", "collect")
    .addConditionalEdges(
      "collect",
      (state: ExecutorState, rt: NodeContext) => afterCollect(source, state, rt),
      { "a task waits": "gate", "work is left": "lane", done: END },
    )
    .addConditionalEdges("gate", (state: ExecutorState, rt: NodeContext) => sendLanes(source, state, rt), {
      "goes on": "lane",
      "no tasks": "collect",
    })
    .compile({ name: "claude_executor" });
}

async function dispatch(source: RuntimeSource, { currentTasks }: ExecutorState, context: NodeContext) {
  const thread = await activeThread(source, context);
  const executionId = context.executionInfo?.taskId ?? thread.id;
  const execution = { threadId: thread.id, executionId, checkpointId: checkpointOf(context) };
  await openExecution(thread.database, execution, rowsOf(currentTasks));
  return { executionId };
}

function rowsOf(tasks: readonly Task[]): NewTaskRow[] {
  const waves = wavesOf(tasks);
  const dependants = dependantsOf(tasks);
  return tasks.map((task) => ({
    ...task,
    wave: waves.get(task.id) ?? 0,
    dependants: dependants.get(task.id) ?? [],
  }));
}

async function sendLanes(source: RuntimeSource, state: ExecutorState, context: NodeContext) {
  const { parallel } = await activeThread(source, context);
  const lanes = Math.min(parallel, state.currentTasks.length);
  if (lanes === 0) return "no tasks";
  return Array.from(
    { length: lanes },
    (_, index) => new Send("lane", { executionId: state.executionId, lane: index + 1 }),
  );
}

async function lane(source: RuntimeSource, input: z.infer<typeof laneInput>, context: NodeContext) {
  const thread = await activeThread(source, context);
  const execution = { threadId: thread.id, executionId: input.executionId };
  const tell = context.writer ?? (() => undefined);
  const ask = (taskId: string) => askAboutTask(thread, execution, context, taskId);
  const signal = signalOf(context);
  await whileActive(thread, async () => {
    await sleep((input.lane - 1) * LANES_APART_MS, undefined, { signal }).catch(() => undefined); // Then the lane stops.
    await runLane(thread, execution, signal, tell, ask);
  });
  return {};
}

/**
 * Asks a human for everything at once that tasks wait for, and does what was decided, which may have been done while the
 * lanes were still at work: then it does not stop. What nobody has decided yet is asked
 * again, in the same rows, when the lanes are done with the rest. No call to Claude stands here: it is run again from its
 * top when there are answers.
 */
async function gate(source: RuntimeSource, { executionId }: ExecutorState, context: NodeContext) {
  const thread = await activeThread(source, context);
  const execution = { threadId: thread.id, executionId };
  const questions = await askAboutWaiting(thread, execution, context);
  const answers = await answersOrStop(
    thread,
    questions.map(({ request }) => request),
  );
  for (const { request, decision } of answers) {
    const tasks = questions.find((question) => question.request.id === request.id)?.tasks ?? [];
    await settleTasks(thread, execution, request, tasks, decision);
  }
  return {};
}

/** Waits go to the gate; work that was left when a run was stopped goes to the lanes. */
async function afterCollect(source: RuntimeSource, state: ExecutorState, context: NodeContext) {
  const statuses = new Set(state.currentTasks.map((task) => state.agentResults[task.id]?.status));
  if (statuses.has("waiting")) return "a task waits";
  return statuses.has("pending") ? sendLanes(source, state, context) : "done";
}

/** @throws CallError of kind `aborted` when the run is draining and work is left: a resume goes on here. */
async function collect(source: RuntimeSource, { executionId }: ExecutorState, context: NodeContext) {
  const thread = await activeThread(source, context);
  const ends = await taskEnds(thread.database, { threadId: thread.id, executionId }, SUMMARY_CHARACTERS);
  const isWaiting = ends.some((end) => end.status === "waiting");
  const isReady = ends.some((end) => end.isReady);
  if (isReady && thread.claude.draining.aborted) throw stoppedError();
  if (!isReady && !isWaiting && ends.some((end) => end.status === "pending")) {
    throw new Error("Tasks are left which nothing will ever make ready.");
  }
  return {
    agentResults: Object.fromEntries(ends.map((end) => [end.id, referenceOf(end)])),
    sacredConsciousness: meanOf(ends.map((end) => end.emotionalState ?? {})),
  };
}

function referenceOf({ agent, status, summary, error }: TaskEnd): TaskReference {
  return { agent, status, summary, error };
}

/** For each name the mean of the intensities reported under it. */
function meanOf(states: readonly EmotionalState[]): EmotionalState {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const [name, intensity] of states.flatMap((state) => Object.entries(state))) {
    const known = sums.get(name) ?? { sum: 0, count: 0 };
    sums.set(name, { sum: known.sum + intensity, count: known.count + 1 });
  }
  return Object.fromEntries(
    [...sums].map(([name, { sum, count }]) => [name, Math.round((sum / count) * 1000) / 1000]),
  );
}
