import { KINDS } from "../../../src/requests/kinds.ts";
import type {
  GraphView,
  RequestView,
  TaskDetail,
  TaskRow,
  ThreadDetail,
  ThreadRow,
  ThreadView,
} from "../../../src/server/api-types.ts";

export const NO_TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 } as const;
const FIRST = Date.parse("2026-11-20T08:00:00Z");

/** An instant, so many seconds after the first. */
export function instant(seconds: number): string {
  return new Date(FIRST + seconds * 1000).toISOString();
}

/** A thread's id from a number: a UUID. */
export function threadId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export function aThread(number: number, changes: Partial<ThreadView> = {}): ThreadView {
  return {
    id: threadId(number),
    graph: "orchestrate",
    status: "completed",
    input: `Input of thread ${number}`,
    costUsd: 0.0123,
    budgetUsd: 0.3,
    simulated: true,
    createdAt: instant(-number),
    updatedAt: instant(-number),
    endedAt: instant(60 - number),
    options: {},
    output: "The answer.",
    error: null,
    tokens: NO_TOKENS,
    calls: { paid: 5, replayed: 0, unknown: 0, failed: 0 },
    isRun: false,
    ...changes,
  };
}

export function aTask(id: string, changes: Partial<TaskRow> = {}): TaskRow {
  return {
    id,
    execution: "claude_executor",
    agent: "sydney-coder",
    description: `What ${id} does`,
    status: "completed",
    wave: 0,
    dependsOn: [],
    lane: 1,
    model: "claude-sonnet-5-5",
    attempts: 1,
    escalated: false,
    tokens: NO_TOKENS,
    costUsd: 0.0012,
    startedAt: instant(0),
    endedAt: instant(4),
    ms: 4000,
    summary: `${id} is done.`,
    error: null,
    emotionalState: { focus: 0.9, doubt: 0.2 },
    ...changes,
  };
}

export function aTaskDetail(task: TaskRow, changes: Partial<TaskDetail> = {}): TaskDetail {
  return {
    task: { ...task, prompt: `Do ${task.id}.`, output: `Output of ${task.id}.`, confidence: 0.8 },
    attempts: [],
    calls: [],
    toolCalls: [],
    ...changes,
  };
}

/** What the server says of a request with this payload. */
export function shownAs(name: string, payload: unknown): Pick<RequestView, "kind" | "allowed" | "view"> {
  const kind = KINDS.of({ kind: name });
  return { kind: name, allowed: kind.allowed({ payload }), view: kind.view({ payload }) };
}

export function aRequest(id: string, threadId: string, changes: Partial<RequestView> = {}): RequestView {
  return {
    id,
    threadId,
    taskId: "one",
    summary: `Request ${id}`,
    ...shownAs("failure", { prompt: "Do it.", answer: null, attempts: [] }),
    status: "open",
    answer: null,
    askedAt: instant(1),
    answeredAt: null,
    answeredBy: null,
    answeredVia: null,
    deadlineAt: null,
    defaultAnswer: null,
    ...changes,
  };
}

export function rowOf({ thread, tasks, requests }: ThreadDetail): ThreadRow {
  const counts = { pending: 0, running: 0, waiting: 0, completed: 0, failed: 0, blocked: 0, cancelled: 0 };
  for (const { status } of tasks) counts[status] += 1;
  const { options: _o, output: _t, error: _e, tokens: _k, calls: _c, isRun: _r, ...row } = thread;
  const waiting = requests.filter(({ status }) => status === "open").length;
  return { ...row, tasks: counts, waiting };
}

const node = (id: string, group: string | null = null) => ({ id, label: id, group, description: null });
const edge = (source: string, target: string, label: string | null = null) => ({
  source,
  target,
  label,
  conditional: label !== null,
});

/** The graph `orchestrate`, as it is drawn. */
export const ORCHESTRATE: GraphView = {
  name: "orchestrate",
  nodes: [
    ...[
      node("__start__"),
      node("plan"),
      node("approve"),
      node("claude_executor:dispatch", "claude_executor"),
    ],
    ...[node("claude_executor:lane", "claude_executor"), node("claude_executor:__end__", "claude_executor")],
    ...[node("budget"), node("synthesize"), node("__end__")],
  ],
  edges: [
    ...[edge("__start__", "plan"), edge("plan", "approve", "done"), edge("plan", "budget", "over budget")],
    ...[edge("budget", "plan", "to the plan"), edge("budget", "synthesize", "to the answer")],
    ...[edge("budget", "__end__", "ended"), edge("approve", "claude_executor:dispatch", "approved")],
    ...[edge("approve", "plan", "rejected"), edge("approve", "__end__", "ended")],
    ...[
      edge("claude_executor:dispatch", "claude_executor:lane"),
      edge("claude_executor:lane", "claude_executor:__end__"),
    ],
    ...[edge("claude_executor:__end__", "synthesize"), edge("synthesize", "__end__", "done")],
    edge("synthesize", "budget", "over budget"),
  ],
};
