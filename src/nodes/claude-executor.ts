import { setTimeout as sleep } from "node:timers/promises";
import { END, Send, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { stoppedError } from "../calls/call-error.ts";
import type { EmotionalState } from "../domain/agent-result.ts";
import type { Task, TaskReference } from "../domain/task.ts";
import { openExecution } from "../postgres/agent-coordination/executions.ts";
import { type TaskEnd, taskEnds } from "../postgres/agent-coordination/results.ts";
import { answersOrStop } from "./ask.ts";
import { executorNodeOf, rowsOf, type TasksFrom, trustedTasks } from "./executor-tasks.ts";
import { runLane } from "./lane.ts";
import {
  type ActiveThread,
  activeThread,
  checkpointOf,
  type NodeContext,
  progressOf,
  signalOf,
  whileActive,
} from "./runtime.ts";
import {
  type ExecutorState,
  executorResults,
  executorState,
  ownTasksResults,
  type StateOf,
  type WorkflowState,
  withProgress,
  workflowState,
} from "./state.ts";
import { askAboutTask, askAboutWaiting, settleTasks } from "./task-questions.ts";

/** Characters of a task's summary or error that the workflow state keeps. */
const SUMMARY_CHARACTERS = 500;

/**
 * The time between the starts of two lanes, in ms: about what a lane needs between an answer and its next request. Ten lanes
 * that begin together stay in step where answers take equally long, and each waits for the work of all ten, every time.
 */
const LANES_APART_MS = 3;

const laneInput = z.object({ executionId: z.string(), lane: z.number() });
type LaneInput = z.infer<typeof laneInput>;

export interface ExecutorOptions<State> extends Partial<TasksFrom<State>> {
  /** What drawings call it; default `claude_executor`. */
  readonly name?: string;
  /** The graph's state, where `tasks` reads channels that only this graph has. */
  readonly state?: StateOf<State>;
}

/**
 * The node that runs agents: a compiled subgraph, one box in Studio and, opened,
 * `dispatch → lane × min(parallel, tasks) → collect → (gate → lanes) | end`. It fills `agentResults`. Ten thousand tasks cost
 * the graph no more than ten: lanes take tasks from Postgres, not from the state.
 *
 * Without `tasks` it runs the plan in `currentTasks`. Several executors with tasks of their own may run side by side.
 */
export function claudeExecutor<State extends object = WorkflowState>(options: ExecutorOptions<State> = {}) {
  const { name = "claude_executor" } = options;
  const { tasks: own } = options;
  const tasksOf = async (state: ExecutorState, context: NodeContext): Promise<readonly Task[]> =>
    // The graph's own channels are there beside ours: see `withProgress`.
    own ? trustedTasks(activeThread(context), await own(state as State, context)) : state.currentTasks;
  const state = own ? withProgress(options.state ?? workflowState) : executorState;
  return new StateGraph(state, { output: own ? ownTasksResults : executorResults })
    .addNode(
      "dispatch",
      async (state: ExecutorState, rt: NodeContext) => dispatch(await tasksOf(state, rt), rt, name),
      {
        metadata: { description: "Writes the tasks to agent_coordination." },
      },
    )
    .addNode("lane", (input: LaneInput, rt: NodeContext) => lane(input, rt), {
      input: laneInput,
      metadata: { description: "Takes ready tasks and runs each with its agent until none is left." },
    })
    .addNode("collect", (state: ExecutorState, rt: NodeContext) => collect(state, rt), {
      metadata: { description: "Reads the results of the tasks back into the state." },
    })
    .addNode("gate", (state: ExecutorState, rt: NodeContext) => gate(state, rt), {
      metadata: { description: "A human decides about the tasks that wait: a budget, a failure." },
    })
    .addEdge(START, "dispatch")
    .addConditionalEdges("dispatch", sendLanes, { "side by side": "lane", "no tasks": "collect" })
    .addEdge("lane", "collect")
    .addConditionalEdges("collect", afterCollect, {
      "a task waits": "gate",
      "work is left": "lane",
      done: END,
    })
    .addConditionalEdges("gate", sendLanes, { "goes on": "lane", "no tasks": "collect" })
    .compile({ name });
}

async function dispatch(tasks: readonly Task[], context: NodeContext, name: string) {
  const thread = activeThread(context);
  const executionId = context.executionInfo?.taskId ?? thread.id;
  const execution = {
    threadId: thread.id,
    executionId,
    node: executorNodeOf(context, name),
    checkpointId: checkpointOf(context),
  };
  await openExecution(thread.database, execution, rowsOf(tasks));
  return { executionId, taskCount: tasks.length };
}

function sendLanes({ executionId, taskCount }: ExecutorState, context: NodeContext) {
  const { parallel } = activeThread(context).lanes;
  const lanes = Math.min(parallel, taskCount);
  if (lanes === 0) return "no tasks";
  return Array.from({ length: lanes }, (_, index) => new Send("lane", { executionId, lane: index + 1 }));
}

async function lane(input: LaneInput, context: NodeContext) {
  const thread = activeThread(context);
  const execution = { threadId: thread.id, executionId: input.executionId };
  const ask = (taskId: string) => askAboutTask(thread, execution, context, taskId);
  const signal = signalOf(context);
  await whileActive(thread, async () => {
    await sleep((input.lane - 1) * LANES_APART_MS, undefined, { signal }).catch(() => undefined); // Then the lane stops.
    await runLane({ thread, execution, signal, tell: progressOf(context), ask });
  });
  return {};
}

/**
 * Asks a human for everything at once that tasks wait for, and does what was decided, which may have been done while the
 * lanes were still at work: then it does not stop. What nobody has decided yet is asked
 * again, in the same rows, when the lanes are done with the rest. No call to Claude stands here: it is run again from its
 * top when there are answers.
 */
async function gate({ executionId }: ExecutorState, context: NodeContext) {
  const thread = activeThread(context);
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
function afterCollect(state: ExecutorState, context: NodeContext) {
  if (state.next === "gate") return "a task waits";
  return state.next === "lanes" ? sendLanes(state, context) : "done";
}

/** @throws CallError of kind `aborted` when the run is draining and work is left: a resume goes on here. */
async function collect({ executionId }: ExecutorState, context: NodeContext) {
  const thread = activeThread(context);
  const ends = await taskEnds(thread.database, { threadId: thread.id, executionId }, SUMMARY_CHARACTERS);
  return {
    agentResults: Object.fromEntries(ends.map((end) => [end.id, referenceOf(end)])),
    sacredConsciousness: meanOf(ends.map((end) => end.emotionalState ?? {})),
    next: nextAfter(thread, ends),
  };
}

function nextAfter(thread: ActiveThread, ends: readonly TaskEnd[]): ExecutorState["next"] {
  const isReady = ends.some((end) => end.isReady);
  if (isReady && thread.claude.draining.aborted) throw stoppedError();
  if (ends.some((end) => end.status === "waiting")) return "gate";
  if (isReady) return "lanes";
  if (!ends.some((end) => end.status === "pending")) return "end";
  throw new Error("Tasks are left which nothing will ever make ready.");
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
