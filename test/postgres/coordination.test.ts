import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Task } from "../../src/domain/task.ts";
import { rowsOf } from "../../src/nodes/executor-tasks.ts";
import {
  claimTask,
  countUnfinished,
  type Execution,
  openExecution,
  releaseHeld,
  releaseOrphans,
} from "../../src/postgres/agent-coordination/executions.ts";
import {
  type OutcomeRecord,
  recordOutcome,
  type TaskOutcome,
} from "../../src/postgres/agent-coordination/outcomes.ts";
import { resultsOf, taskEnds } from "../../src/postgres/agent-coordination/results.ts";
import { threadResults } from "../../src/postgres/agent-coordination/thread-results.ts";
import type { AnsweredCall } from "../../src/postgres/claude-calls/ledger.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { useTestDatabase } from "../support/database.ts";
import { planTask as task } from "../support/plan-task.ts";

const db = useTestDatabase();

const RESULT = {
  summary: "short",
  output: "the whole work",
  confidence: 0.5,
  emotionalState: { focus: 0.7 },
};
const DONE: TaskOutcome = {
  status: "completed",
  result: RESULT,
  error: null,
  waitingFor: null,
  model: "m",
  attempts: 1,
  escalated: false,
};
const FAILED: TaskOutcome = {
  ...DONE,
  status: "failed",
  result: null,
  error: "it broke",
};

async function open(tasks: readonly Task[], execution = newExecution()): Promise<Execution> {
  await begin(execution.threadId);
  await openExecution(db(), execution, rowsOf(tasks));
  return execution;
}

async function begin(id: string): Promise<void> {
  await beginThread(db(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd: 1 });
}

function newExecution(): Execution {
  return { threadId: randomUUID(), executionId: randomUUID() };
}

/** Records an outcome as the lane that holds the task. */
function record(
  execution: Execution,
  taskId: string,
  laneId: string,
  outcome: TaskOutcome,
  more: Pick<OutcomeRecord, "claimsNext" | "call"> = {},
) {
  return recordOutcome(db(), execution, { taskId, laneId, outcome, ...more });
}

async function claimAll(execution: Execution, laneId: string): Promise<string[]> {
  const ids: string[] = [];
  for (
    let one = await claimTask(db(), execution, laneId);
    one;
    one = await claimTask(db(), execution, laneId)
  ) {
    ids.push(one.id);
  }
  return ids;
}

async function statuses(execution: Execution): Promise<Record<string, string>> {
  return Object.fromEntries((await taskEnds(db(), execution, 100)).map((end) => [end.id, end.status]));
}

/** A call for the task that is reserved and answered, and not committed. */
async function answered({ threadId, executionId }: Execution, taskId: string): Promise<AnsweredCall> {
  const reservation = await reserveCall(db(), {
    threadId,
    phase: "agents",
    taskId,
    executionId,
    agent: "coder",
    attempt: 1,
    turn: 1,
    requestHash: "hash",
    model: "m",
    reservedUsd: 0.06,
  });
  if (!("id" in reservation)) throw new Error("There is no room.");
  const usage = { input: 100, output: 50, cacheRead: 10, cacheWrite5m: 5, cacheWrite1h: 7 };
  return { id: reservation.id, usage, costUsd: 0.09, response: { text: "hello" }, requestId: "req_1" };
}

const LANE = randomUUID();
const NEW = {
  attempts: 0,
  attemptsBefore: 0,
  advice: null,
  budgetUsd: null,
  hasHistory: false,
  validate: null,
};

describe("openExecution", () => {
  it("writes tasks once: opened again it changes nothing", async () => {
    const tasks = [task("a"), task("b"), task("c", ["a"])];
    const execution = await open(tasks);
    expect((await claimTask(db(), execution, LANE))?.id).toBe("a");
    await record(execution, "a", LANE, DONE);
    expect((await claimTask(db(), execution, LANE))?.id).toBe("b");
    await open(tasks, execution);
    expect(await statuses(execution)).toEqual({ a: "completed", b: "running", c: "pending" });
  });

  it("keeps executions of one thread apart, as a fork needs", async () => {
    const first = await open([task("a")]);
    const fork = await open([task("a")], { ...first, executionId: randomUUID() });
    await claimTask(db(), first, LANE);
    expect(await statuses(fork)).toEqual({ a: "pending" });
  });
});

describe("releaseOrphans", () => {
  it("makes pending what a dead process left running in this thread, and nothing else", async () => {
    const dead = await open([task("a"), task("b"), task("c", ["a"])]);
    const other = await open([task("a")]);
    await claimTask(db(), dead, LANE);
    await record(dead, "a", LANE, DONE);
    await claimTask(db(), dead, LANE);
    await claimTask(db(), other, LANE);

    await releaseOrphans(db(), dead.threadId);

    expect(await statuses(dead)).toEqual({ a: "completed", b: "pending", c: "pending" });
    expect(await statuses(other)).toEqual({ a: "running" });
    expect(await claimAll(dead, LANE)).toEqual(["b", "c"]);
  });
});

describe("claimTask", () => {
  it("takes tasks in the plan's order, and only ready ones", async () => {
    const execution = await open([task("z"), task("b", ["z"]), task("a")]);
    expect(await claimAll(execution, LANE)).toEqual(["z", "a"]);
  });

  it("gives the task as it was planned", async () => {
    const execution = await open([{ ...task("a"), model: "haiku" }]);
    expect(await claimTask(db(), execution, LANE)).toEqual({
      id: "a",
      agent: "coder",
      description: "do a",
      prompt: "Do a.",
      model: "haiku",
      dependsOn: [],
      ...NEW,
    });
  });

  it("never gives one task to two lanes, however many ask at once", async () => {
    const execution = await open(Array.from({ length: 60 }, (_, index) => task(`t${index}`)));
    const claimed = await Promise.all(Array.from({ length: 20 }, () => claimAll(execution, randomUUID())));
    const ids = claimed.flat();
    expect(ids).toHaveLength(60);
    expect(new Set(ids).size).toBe(60);
  });

  it("finds the next task by its index among ten thousand", async () => {
    const execution = await open(Array.from({ length: 10_000 }, (_, index) => task(`t${index}`)));
    await db().pool.query("ANALYZE agent_coordination");
    const { rows } = await db().pool.query<Record<string, string>>(
      `EXPLAIN SELECT id FROM agent_coordination
       WHERE session_id = '${execution.threadId}' AND execution_id = '${execution.executionId}'
         AND status = 'pending' AND blockers = 0 ORDER BY position LIMIT 1`,
    );
    expect(rows.map((row) => Object.values(row)[0]).join("\n")).toContain("agent_coordination_ready");
  });
});

describe("recordOutcome", () => {
  it("claims the next task together with the outcome, and only then", async () => {
    const execution = await open([task("a"), task("b"), task("c")]);
    await claimTask(db(), execution, LANE);

    const first = await record(execution, "a", LANE, DONE, { claimsNext: true });
    expect(first?.next).toEqual({
      id: "b",
      agent: "coder",
      description: "do b",
      prompt: "Do b.",
      model: null,
      dependsOn: [],
      ...NEW,
    });
    expect(await statuses(execution)).toEqual({ a: "completed", b: "running", c: "pending" });
    expect((await record(execution, "b", LANE, FAILED, { claimsNext: false }))?.next).toBeNull();
    expect(await statuses(execution)).toEqual({ a: "completed", b: "failed", c: "pending" });
  });

  it("claims nothing where the outcome changed what is ready, or nothing was recorded", async () => {
    const execution = await open([task("a"), task("b", ["a"]), task("c")]);
    await claimTask(db(), execution, LANE);

    expect(await record(execution, "a", randomUUID(), DONE, { claimsNext: true })).toBeUndefined();
    expect(await statuses(execution)).toEqual({ a: "running", b: "pending", c: "pending" });
    expect(await record(execution, "a", LANE, DONE, { claimsNext: true })).toMatchObject({
      next: null,
      touched: 1,
    });
    expect(await claimAll(execution, LANE)).toEqual(["b", "c"]);
  });

  it("says when nothing is pending any more, and never while something is", async () => {
    const execution = await open([task("a"), task("b", ["a"]), task("c")]);
    await claimTask(db(), execution, LANE);
    const isNonePending = async (id: string) =>
      (await record(execution, id, LANE, DONE, { claimsNext: true }))?.nonePending;

    expect(await isNonePending("a")).toBe(false); // It made b ready.
    expect(await claimAll(execution, LANE)).toEqual(["b", "c"]);
    expect([await isNonePending("b"), await isNonePending("c")]).toEqual([true, true]);
  });

  it("commits a call together with what its answer completed, and the cost is in both", async () => {
    const execution = await open([task("a"), task("b")]);
    await claimTask(db(), execution, LANE);
    const call = await answered(execution, "a");

    const recorded = await record(execution, "a", LANE, DONE, { claimsNext: true, call });

    expect(recorded).toMatchObject({ costUsd: 0.09, next: { id: "b" } });
    const { rows } = await db().pool.query(
      `SELECT c.status, c.cost_usd::float8 AS cost, response, a.cost_usd::float8 AS "taskCost", promised_usd::float8 AS promised
       FROM claude_calls c JOIN agent_coordination a ON a.session_id = thread_id AND a.task_id = c.task_id
       JOIN threads USING (thread_id) WHERE thread_id = $1`,
      [execution.threadId],
    );
    // More than the 0.06 that were reserved: it is counted whole.
    expect(rows).toEqual([
      { status: "committed", cost: 0.09, response: { text: "hello" }, taskCost: 0.09, promised: 0.09 },
    ]);
  });

  it("is followed by giving back what its lane holds besides, and nobody else does", async () => {
    const execution = await open([task("a"), task("b"), task("c")]);
    const [other, lost] = [randomUUID(), randomUUID()];
    await claimTask(db(), execution, other);
    await claimTask(db(), execution, lost);
    await record(execution, "b", lost, DONE, { claimsNext: true });
    expect(await statuses(execution)).toEqual({ a: "running", b: "completed", c: "running" });

    await releaseHeld(db(), execution, lost, "b");

    expect(await statuses(execution)).toEqual({ a: "running", b: "completed", c: "pending" });
  });

  it("commits the call also when the task is no longer held", async () => {
    const execution = await open([task("a")]);
    await claimTask(db(), execution, LANE);
    const call = await answered(execution, "a");

    expect(await record(execution, "a", randomUUID(), DONE, { claimsNext: true, call })).toBeUndefined();

    const { rows } = await db().pool.query("SELECT status FROM claude_calls WHERE id = $1", [call.id]);
    expect(rows).toEqual([{ status: "committed" }]);
    expect(await statuses(execution)).toEqual({ a: "running" });
  });

  it("gives lanes which complete at once a next task each, in the plan's order, and none to those that stop", async () => {
    const plan = Array.from({ length: 9 }, (_, index) => task(`t${index}`));
    const execution = await open(plan);
    const lanes: string[] = plan.slice(0, 5).map(() => randomUUID());
    for (const lane of lanes) await claimTask(db(), execution, lane);

    const recorded = await Promise.all(
      lanes.map((lane, index) => record(execution, `t${index}`, lane, DONE, { claimsNext: index !== 2 })),
    );

    expect(recorded.map((one) => one?.next?.id)).toEqual(["t5", "t6", undefined, "t7", "t8"]);
    const { rows } = await db().pool.query<{ task_id: string; claimed_by: string }>(
      "SELECT task_id, claimed_by FROM agent_coordination WHERE session_id = $1 AND status = 'running' ORDER BY task_id",
      [execution.threadId],
    );
    expect(rows.map((row) => [row.task_id, lanes.indexOf(row.claimed_by)])).toEqual([
      ["t5", 0],
      ["t6", 1],
      ["t7", 3],
      ["t8", 4],
    ]);
  });

  it("frees a dependant of several tasks that complete at once", async () => {
    const roots = ["a", "b", "c", "d"];
    const execution = await open([
      ...roots.map((id) => task(id)),
      task("last", roots),
      task("half", ["a", "b"]),
    ]);
    const lanes: string[] = roots.map(() => randomUUID());
    for (const lane of lanes) await claimTask(db(), execution, lane);
    await Promise.all(
      lanes.map((lane, index) => record(execution, roots[index] ?? "", lane, DONE, { claimsNext: true })),
    );
    expect(await claimAll(execution, LANE)).toEqual(["last", "half"]);
  });

  it("makes dependants ready when all their dependencies are done, and says how long it took", async () => {
    const execution = await open([task("a"), task("b"), task("c", ["a", "b", "a"])]);
    await claimAll(execution, LANE);
    const first = await record(execution, "a", LANE, DONE);
    expect(first?.ms).toBeGreaterThanOrEqual(0);
    expect(await claimTask(db(), execution, LANE)).toBeUndefined();
    await record(execution, "b", LANE, DONE);
    expect((await claimTask(db(), execution, LANE))?.id).toBe("c");
  });

  it("blocks everything that depends on a failed task, near or far, and nothing else", async () => {
    const execution = await open([
      task("a"),
      task("b", ["a"]),
      task("c", ["a"]),
      task("d", ["b", "c"]),
      task("e"),
    ]);
    await claimAll(execution, LANE);
    await record(execution, "a", LANE, FAILED);
    const [end] = (await taskEnds(db(), execution, 100)).filter(({ id }) => id === "d");
    expect(await statuses(execution)).toEqual({
      a: "failed",
      b: "blocked",
      c: "blocked",
      d: "blocked",
      e: "running",
    });
    expect(end?.error).toBe('task "a", which it depends on, failed');
    expect(await countUnfinished(db(), execution)).toEqual({ pending: 0, ready: 0, running: 1 });
  });

  it("does not run a dependant whose other dependency completes after one failed", async () => {
    const execution = await open([task("a"), task("b"), task("c", ["a", "b"])]);
    await claimAll(execution, LANE);
    await record(execution, "a", LANE, FAILED);
    await record(execution, "b", LANE, DONE);
    expect(await claimTask(db(), execution, LANE)).toBeUndefined();
    expect((await statuses(execution))["c"]).toBe("blocked");
  });

  it("does not deadlock when many lanes finish dependencies of the same tasks at once", async () => {
    const sources = Array.from({ length: 10 }, (_, index) => task(`s${index}`));
    const ids = sources.map(({ id }) => id);
    const sinks = Array.from({ length: 30 }, (_, index) =>
      task(`k${index}`, index % 2 ? ids : [...ids].reverse()),
    );
    const execution = await open([...sources, ...sinks]);
    await claimAll(execution, LANE);
    await Promise.all(ids.map((id) => record(execution, id, LANE, DONE)));
    expect(await claimAll(execution, LANE)).toHaveLength(30);
  });

  it("records nothing for a lane that no longer holds the task", async () => {
    const execution = await open([task("a")]);
    await claimTask(db(), execution, LANE);
    expect(await record(execution, "a", randomUUID(), DONE)).toBeUndefined();
    await record(execution, "a", LANE, DONE);
    expect(await record(execution, "a", LANE, FAILED)).toBeUndefined();
    expect(await statuses(execution)).toEqual({ a: "completed" });
  });
});

describe("releaseHeld", () => {
  it("gives a task back for another lane, but not one that is done", async () => {
    const execution = await open([task("a"), task("b")]);
    await claimAll(execution, LANE);
    await record(execution, "a", LANE, DONE);
    await releaseHeld(db(), execution, LANE);
    expect(await statuses(execution)).toEqual({ a: "completed", b: "pending" });
    expect((await claimTask(db(), execution, randomUUID()))?.id).toBe("b");
  });
});

describe("results", () => {
  it("cuts outputs to the limit and says how long they were", async () => {
    const execution = await open([task("b"), task("a")]);
    await claimAll(execution, LANE);
    await record(execution, "a", LANE, DONE);
    const [b, a] = await threadResults(db(), execution.threadId, { outputLimit: 3, limit: 10 });
    expect(b).toMatchObject({ id: "b", status: "running", output: null, outputLength: 0 });
    expect(a).toMatchObject({ id: "a", output: "the", outputLength: 14, summary: "short" });
    expect(await resultsOf(db(), execution, ["a"], 100)).toMatchObject([
      { id: "a", output: "the whole work" },
    ]);
  });
});

describe("the field report's own SQL", () => {
  it("inserts and selects its seven columns, and such rows are never run", async () => {
    const session = randomUUID();
    await db().pool.query(
      `INSERT INTO agent_coordination (session_id, agent_type, task_id, status, result, emotional_state, timestamp)
       VALUES ($1, 'research', 't1', 'pending', '{"x": 1}', '{"jealousy": 0.8}', now())`,
      [session],
    );
    const { rows } = await db().pool.query(
      `SELECT session_id, agent_type, task_id, status, result, emotional_state, timestamp
       FROM agent_coordination WHERE session_id = $1`,
      [session],
    );
    expect(rows).toMatchObject([
      { agent_type: "research", result: { x: 1 }, emotional_state: { jealousy: 0.8 } },
    ]);
    expect(await claimTask(db(), { threadId: session, executionId: "" }, LANE)).toBeUndefined();
  });
});
