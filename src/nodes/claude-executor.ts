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

/** Characters of a task's summary or error in the workflow state. */
const SUMMARY_CHARACTERS = 500;

/**
 * The time between the starts of two lanes, in ms: about the CPU time of a lane between an answer and its next request. Lanes
 * that start together stay in step when answers take equally long, and each then waits for the CPU work of all ten.
 */
const LANES_APART_MS = 3;

const laneInput = z.object({ executionId: z.string(), lane: z.number() });
type LaneInput = z.infer<typeof laneInput>;

export interface ExecutorOptions<State> extends Partial<TasksFrom<State>> {
  /** The name in drawings; default `claude_executor`. */
  readonly name?: string;
  /** The graph's state schema, needed when `tasks` reads channels of this graph only. */
  readonly state?: StateOf<State>;
}

/**
 * The node that runs agents: a compiled subgraph, one box in Studio and, opened,
 * `dispatch → lane × min(parallel, tasks) → collect → (gate → lanes) | end`. It fills `agentResults`. Lanes take tasks from
 * Postgres, not from the state, so ten thousand tasks cost the graph no more than ten.
 *
 * Without `tasks` it runs the plan in `currentTasks`. Several executors with their own `tasks` can run in parallel.
 */
export function claudeExecutor<State extends object = WorkflowState>(options: ExecutorOptions<State> = {}) {
  const { name = "claude_executor" } = options;
  const { tasks: own } = options;
  const tasksOf = async (state: ExecutorState, context: NodeContext): Promise<readonly Task[]> =>
    // `withProgress` adds the graph's own channels to the state.
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
      metadata: { description: "Runs ready tasks with their agents until none is left." },
    })
    .addNode("collect", (state: ExecutorState, rt: NodeContext) => collect(state, rt), {
      metadata: { description: "Reads the results of the tasks back into the state." },
    })
    .addNode("gate", (state: ExecutorState, rt: NodeContext) => gate(state, rt), {
      metadata: {
        description: "A human decides about waiting tasks: budgets, failures, tool calls, questions.",
      },
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
    const leave = thread.claude.underWay.join();
    try {
      await sleep((input.lane - 1) * LANES_APART_MS, undefined, { signal }).catch(() => undefined); // Then the lane stops.
      await runLane({ thread, execution, signal, tell: progressOf(context), ask });
    } finally {
      leave();
    }
  });
  return {};
}

/**
 * Asks a human about all waiting tasks in one interrupt, and applies the decisions. Does not stop when there are answers
 * already, from the time when the lanes were working. Open requests keep their rows, and the gate asks them again after the
 * lanes. Makes no Claude call, because the node runs again from its top after an interrupt.
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

/** The route after `collect`: to the gate when tasks wait, to the lanes when a stopped run left ready tasks. */
function afterCollect(state: ExecutorState, context: NodeContext) {
  if (state.next === "gate") return "a task waits";
  return state.next === "lanes" ? sendLanes(state, context) : "done";
}

/** @throws CallError of kind `aborted` when the run is draining and tasks are ready: a resume continues here. */
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
  throw new Error("Some tasks are pending, but nothing can make them ready.");
}

function referenceOf({ agent, status, summary, error }: TaskEnd): TaskReference {
  return { agent, status, summary, error };
}

/** The mean intensity for each name. */
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
