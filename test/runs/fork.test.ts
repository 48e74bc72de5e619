import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { openRequests } from "../../src/postgres/requests.ts";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { forkThread } from "../../src/runs/fork.ts";
import { historyOf } from "../../src/runs/history.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({ environment: { BUDGET_USD: "5" } });
const task = (id: string) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt: `Do ${id}.`,
  dependsOn: [] as string[],
});
const PLAN = { input: "two things", currentTasks: [task("a"), task("b")] };
const APPROVED = { autoApprove: ["plan" as const], synthesis: false };

/** The newest checkpoint that goes on with this node. */
async function before(node: string, thread: string): Promise<string> {
  const past = await historyOf(graph, thread, 100);
  return past.find(({ next }) => next[0] === node)?.id ?? "";
}

async function fork(threadId: string, node: string, fresh = false) {
  const { engine } = testEngine();
  await forkThread(engine, graph, { threadId, checkpoint: await before(node, threadId), fresh });
}

describe("the history of a thread", () => {
  it("names each checkpoint, its parent, what comes next and what it holds", async () => {
    const { thread } = await testEngine().run(PLAN, APPROVED);

    const past = await historyOf(graph, thread, 100);

    expect(past[0]).toMatchObject({ next: [], source: "loop" });
    expect(past[0]?.summary).toBe("2 tasks planned, 2 completed, completed");
    expect(past.at(-1)).toMatchObject({ source: "input", parentId: null, summary: "no plan yet" });
    for (const [index, { parentId }] of past.entries()) expect(parentId).toBe(past[index + 1]?.id ?? null);
    const rest = await historyOf(graph, thread, 2, past[0]?.id);
    expect(rest).toEqual(past.slice(1, 3));
  });
});

describe("a fork", () => {
  it("makes an execution of its own and pays for nothing that has not changed", async () => {
    const { engine, claude, run } = testEngine();
    const { thread, costUsd } = await run(PLAN, APPROVED);
    claude.reset();

    await fork(thread, "approve");
    expect((await getThread(engine.database, thread)).status).toBe("queued");
    const forked = await run(null, {}, thread);

    expect(forked).toMatchObject({ status: "completed", costUsd, calls: { paid: 2, replayed: 2 } });
    expect(claude.account().answers).toBe(0);
    const { rows } = await engine.database.pool.query(
      "SELECT count(DISTINCT execution_id)::int AS n FROM agent_coordination WHERE session_id = $1",
      [thread],
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  it("that is fresh buys every answer anew, once: whatever goes on with it replays those", async () => {
    const { claude, run, engine } = testEngine();
    const { thread } = await run(PLAN, APPROVED);
    claude.reset();

    await fork(thread, "approve", true);
    const forked = await run(null, {}, thread);
    expect(forked.calls).toMatchObject({ paid: 4, replayed: 0 });
    await fork(thread, "approve");
    const again = await run(null, {}, thread);

    expect(again.calls).toMatchObject({ paid: 4, replayed: 2 });
    expect(claude.account().answers).toBe(2);
    const { rows } = await engine.database.pool.query(
      "SELECT replays FROM claude_calls WHERE thread_id = $1 ORDER BY id",
      [thread],
    );
    expect(rows.map((row) => row.replays)).toEqual([0, 0, 1, 1]);
  });

  it("of a thread that waits withdraws its question and asks anew", async () => {
    const { engine, run } = testEngine();
    const { thread, waiting } = await run(PLAN, { synthesis: false });
    const [first] = waiting;

    await fork(thread, "approve");
    expect(await openRequests(engine.database, thread)).toEqual([]);
    const forked = await run(null, {}, thread);

    expect(forked.status).toBe("waiting");
    expect(forked.waiting).toHaveLength(1);
    expect(forked.waiting[0]?.id).not.toBe(first?.id);
  });

  it("that a client makes by LangGraph's own means leaves no question behind that nobody asks any more", async () => {
    const { engine, run } = testEngine();
    const { thread, waiting } = await run(PLAN, { synthesis: false });
    const config = { configurable: { thread_id: thread, checkpoint_id: await before("approve", thread) } };
    await graph.updateState(config, { currentTasks: [task("c")] }, "plan");

    const forked = await run(null, {}, thread);

    expect(forked.waiting).toMatchObject([
      { kind: "plan", summary: expect.stringContaining("c (sydney-coder)") },
    ]);
    const open = await openRequests(engine.database, thread);
    expect(open.map(({ id }) => id)).toEqual(forked.waiting.map(({ id }) => id));
    expect(open.map(({ id }) => id)).not.toContain(waiting[0]?.id);
  });

  it("is refused for a checkpoint that is not there, for an end, and while the thread is being run", async () => {
    const { engine, run } = testEngine();
    const { thread } = await run(PLAN, APPROVED);
    const past = await historyOf(graph, thread, 100);
    const at = (checkpoint: string) =>
      forkThread(engine, graph, { threadId: thread, checkpoint, fresh: false });

    await expect(at(randomUUID())).rejects.toThrow(/has no checkpoint/);
    await expect(at(past[0]?.id ?? "")).rejects.toThrow(/is the end of a run/);
    await expect(at("1")).rejects.toThrow(/Several checkpoints/);
    expect(await engine.claims.claim(thread)).toBe(true);
    await expect(at(past[1]?.id ?? "")).rejects.toThrow(/is running: cancel it/);
    await engine.release(thread);
    expect((await getThread(engine.database, thread)).status).toBe("completed");
    expect(await historyOf(graph, thread, 100)).toEqual(past);
  });
});
