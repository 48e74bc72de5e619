import type { TaskRow, ThreadDetail } from "../../../src/server/api-types.ts";
import { aRequest, aTask, aTaskDetail, aThread, instant, ORCHESTRATE, shownAs, threadId } from "./data.ts";
import type { FixtureData } from "./fixture-server.ts";

/** A thread that runs: some of its tasks are done, some are at work, one waits, one failed. */
export const BUSY = threadId(1);
/** A thread with 500 tasks in four waves. */
export const BIG = threadId(2);

const STATUSES = ["completed", "partial", "failed", "cancelled"] as const;

const BUSY_TASKS: readonly TaskRow[] = [
  aTask("survey", { agent: "sydney-research" }),
  aTask("locks", { agent: "sydney-research", lane: 2, attempts: 3 }),
  aTask("hash", {
    wave: 1,
    dependsOn: ["survey"],
    status: "running",
    endedAt: null,
    ms: null,
    summary: null,
  }),
  aTask("list", {
    wave: 1,
    dependsOn: ["survey", "locks"],
    status: "waiting",
    lane: 2,
    error: "There was no table.",
  }),
  aTask("compare", {
    wave: 2,
    dependsOn: ["hash", "list"],
    status: "pending",
    startedAt: null,
    endedAt: null,
    ms: null,
    lane: null,
    attempts: 0,
    costUsd: 0,
    summary: null,
    emotionalState: null,
  }),
  aTask("report", {
    wave: 3,
    dependsOn: ["compare"],
    status: "blocked",
    startedAt: null,
    endedAt: null,
    ms: null,
  }),
];

function busyThread(): ThreadDetail {
  const attempts = [1, 2, 3].map((attempt) => ({
    attempt,
    model: "claude-sonnet-5-5",
    failure: "schema",
    digest: "The answer had no table of risks.",
  }));
  const call = { task: "hash", agent: "sydney-coder", call: "toolu_1", attempt: 1, turn: 1 };
  const task = {
    id: "survey",
    agent: "sydney-research",
    description: "Survey",
    prompt: "Survey.",
    dependsOn: [],
  };
  const requests = [
    aRequest("failure", BUSY, {
      ...shownAs("failure", { prompt: "List them.", answer: "I cannot.", attempts }),
      taskId: "list",
      summary: 'Task "list" could not be done: there was no table.',
    }),
    aRequest("budget", BUSY, {
      ...shownAs("budget", {
        ceiling: "thread",
        spentUsd: 0.28,
        nextUsd: 0.03,
        neededUsd: 0.1,
        limitUsd: 0.3,
        budgetUsd: 0.4,
        tasks: [],
      }),
      taskId: null,
      summary: "The next calls may cost more than is left",
    }),
    aRequest("tool", BUSY, {
      ...shownAs("tool", { ...call, tool: "Bash", args: { command: "psql -f shards.sql", timeout: 60 } }),
      taskId: "hash",
      summary: "sydney-coder asks to use Bash",
      deadlineAt: instant(600),
      defaultAnswer: { type: "reject", message: "" },
    }),
    aRequest("plan", BUSY, {
      ...shownAs("plan", { tasks: [{ ...task, validate: { command: "npm test" } }], estimateUsd: 0.05 }),
      taskId: null,
      summary: "Run 1 task: survey",
    }),
    aRequest("question", BUSY, {
      ...shownAs("question", { ...call, question: "Which queue?", options: ["the old one", "the new one"] }),
      taskId: "hash",
      summary: 'Task "hash" (sydney-coder) asks: Which queue?',
    }),
    aRequest("interrupt", BUSY, {
      ...shownAs("interrupt", { question: "May the shards be moved?", shards: 4 }),
      taskId: null,
      summary: "May the shards be moved?",
    }),
  ];
  const thread = aThread(1, {
    status: "running",
    isRun: true,
    endedAt: null,
    output: null,
    costUsd: 0.28,
    input: "Compare three ways to shard a Postgres queue",
    options: { parallel: 4 },
  });
  return { thread, tasks: BUSY_TASKS, requests };
}

/** Each task depends on one of the wave before; the first half is done and ten are at work. */
function bigThread(): ThreadDetail {
  const tasks = Array.from({ length: 500 }, (_, index) => {
    const wave = Math.floor(index / 125);
    const dependsOn = wave === 0 ? [] : [`task-${index - 125}`];
    if (index < 250) return aTask(`task-${index}`, { wave, dependsOn, lane: (index % 10) + 1 });
    if (index < 260)
      return aTask(`task-${index}`, { wave, dependsOn, status: "running", endedAt: null, ms: null });
    return aTask(`task-${index}`, {
      wave,
      dependsOn,
      status: "pending",
      startedAt: null,
      endedAt: null,
      lane: null,
    });
  });
  return {
    thread: aThread(2, { status: "running", isRun: true, endedAt: null, output: null }),
    tasks,
    requests: [],
  };
}

/** A server with that many threads, newest first. */
export function crowd(count: number): FixtureData {
  const threads = new Map<string, ThreadDetail>();
  for (let number = 0; number < count; number += 1) {
    const status = STATUSES[number % STATUSES.length] ?? "completed";
    threads.set(threadId(number), {
      thread: aThread(number, { status }),
      tasks: [aTask("only")],
      requests: [],
    });
  }
  threads.set(BUSY, busyThread());
  threads.set(BIG, bigThread());
  const history = [["claude_executor"], ["approve"], ["plan"]].map((next, index) => ({
    id: `checkpoint-${index}`,
    parentId: null,
    at: instant(-index),
    source: "loop",
    step: 2 - index,
    next,
    summary: "6 tasks planned",
  }));
  return {
    threads,
    tasks: new Map(BUSY_TASKS.map((task) => [task.id, aTaskDetail(task, { attempts: [] })])),
    history: new Map([BUSY, BIG].map((id) => [id, history])),
    graph: ORCHESTRATE,
  };
}
