import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Task } from "../../src/domain/task.ts";
import { taskEndings } from "../../src/postgres/agent-coordination/thread-results.ts";
import { pageOfThreads } from "../../src/postgres/threads/list.ts";
import { drive, type Workflow } from "../../src/runs/drive.ts";
import { forkThread } from "../../src/runs/fork.ts";
import { historyOf } from "../../src/runs/history.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";
import { loopingGraph, phasedGraph } from "../support/phased-graph.ts";

const testEngine = useEngine({
  environment: { BUDGET_USD: "5" },
  scenario: { faults: [{ status: 400, message: "no such thing", when: { match: "unsendable" } }] },
});
const task = (id: string, prompt = `Do ${id}.`): Task => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [],
});

const phased = phasedGraph("phased", [
  ({ input }) => [task("a"), task("b", input)],
  () => [task("c"), task("d")],
]);
const looping = loopingGraph("looping", 2, () => [task("repeated"), task("second")]);
/** The second round repeats a task that failed in the first. */
const ROUND = [task("repeated", "unsendable"), task("first")];

async function run(graph: Workflow, input: unknown, thread: string = randomUUID()): Promise<string> {
  await drive(graph, input, { threadId: thread, signal: new AbortController().signal });
  return thread;
}

async function tasksOf(thread: string): Promise<string[]> {
  const { tasks } = await reportThread(testEngine().engine.database, thread);
  return tasks.map(({ id, status }) => `${id} ${status}`);
}

/** Goes on from the oldest checkpoint that comes before the node. */
async function fork(thread: string, node: string, graph: typeof phased | typeof looping = phased) {
  const past = await historyOf(graph, thread, 100);
  const checkpoint = past.findLast(({ next }) => next[0] === node)?.id ?? "";
  await forkThread(testEngine().engine, graph, { threadId: thread, checkpoint, fresh: false });
}

const DONE = ["a completed", "b completed", "c completed", "d completed"];

describe("a thread whose graph has two executors", () => {
  it("shows the tasks of both, in the order in which they ran, wherever it is shown", async () => {
    const { database } = testEngine().engine;
    const thread = await run(phased, { input: "x" });

    expect(await tasksOf(thread)).toEqual(DONE);
    expect((await taskEndings(database, thread)).map(({ status }) => status)).toEqual(
      DONE.map(() => "completed"),
    );
    const [row] = await pageOfThreads(database, { words: thread }, 1);
    expect(row?.tasks).toMatchObject({ completed: 4, pending: 0 });
    const { tasks, phasesMs } = await reportThread(database, thread);
    for (const { execution } of tasks) expect(execution).toMatch(/./);
    expect(phasesMs.agents).toBeGreaterThan(0);
  });

  it("shows the first one's alone once it is forked from between them, and both once it has gone on", async () => {
    const thread = await run(phased, { input: "x" });

    await fork(thread, "plan1");
    expect(await tasksOf(thread)).toEqual(DONE.slice(0, 2));
    await run(phased, null, thread);

    expect(await tasksOf(thread)).toEqual(DONE);
  });

  it("shows no task of the branch that a fork from before them left", async () => {
    const thread = await run(phased, { input: "x" });

    await fork(thread, "run0");
    expect(await tasksOf(thread)).toEqual([]);
    await run(phased, null, thread);

    expect(await tasksOf(thread)).toEqual(DONE);
  });

  it("shows the branch that it goes back to, although a newer one has executions too", async () => {
    const thread = await run(phased, { input: "x" });
    const past = await historyOf(phased, thread, 100);
    const old = past.find(({ next }) => next[0] === "end")?.id ?? "";
    await fork(thread, "plan0");
    await phased.updateState(
      { configurable: { thread_id: thread } },
      { input: "unsendable" },
      undefined as never,
    );
    await run(phased, null, thread);
    expect(await tasksOf(thread)).toContain("b failed");

    await forkThread(testEngine().engine, phased, { threadId: thread, checkpoint: old, fresh: false });

    expect(await tasksOf(thread)).toEqual(DONE);
  });

  it("starts over with a new input, and a fork from there does not go back further", async () => {
    const thread = await run(phased, { input: "x" });

    await run(phased, { input: "unsendable" }, thread);
    expect(await tasksOf(thread)).toEqual(["a completed", "b failed", "c completed", "d completed"]);
    const past = await historyOf(phased, thread, 100);
    const checkpoint = past.find(({ next }) => next[0] === "run0")?.id ?? "";
    await forkThread(testEngine().engine, phased, { threadId: thread, checkpoint, fresh: false });

    expect(await tasksOf(thread)).toEqual([]);
  });
});

describe("an executor that is entered twice", () => {
  it("shows the tasks of both rounds; one that the second round repeats stands as that left it", async () => {
    const thread = await run(looping, { input: "x", currentTasks: ROUND });

    expect(await tasksOf(thread)).toEqual(["first completed", "repeated completed", "second completed"]);
    const { rows } = await testEngine().engine.database.pool.query(
      "SELECT count(*)::int AS n FROM agent_coordination WHERE session_id = $1",
      [thread],
    );
    expect(rows).toEqual([{ n: 4 }]);
  });

  it("shows the first round alone where it is forked from after that", async () => {
    const thread = await run(looping, { input: "x", currentTasks: ROUND });

    await fork(thread, "again", looping);

    expect(await tasksOf(thread)).toEqual(["repeated failed", "first completed"]);
  });
});

describe("an executor that begins before its checkpoint is written", () => {
  it("is on the thread's branch as soon as that is", async () => {
    const { database } = testEngine().engine;
    const thread = randomUUID();
    const client = await database.connect();
    await client.query("BEGIN; LOCK TABLE checkpoints IN SHARE MODE"); // Read, but not written.

    const options = { configurable: { thread_id: thread }, durability: "async" as const };
    const running = looping.invoke({ input: "x", currentTasks: [task("first")] }, options);
    const opened = async () =>
      (await database.pool.query("SELECT FROM agent_coordination WHERE session_id = $1", [thread])).rowCount;
    await expect.poll(opened, { timeout: 20_000 }).toBe(1);
    await client.query("COMMIT");
    await running;
    await client.end();

    expect(await tasksOf(thread)).toEqual(["first completed", "repeated completed", "second completed"]);
  });
});
