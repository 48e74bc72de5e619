import { randomUUID } from "node:crypto";
import { Command, END } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { sinceLastStart } from "../../src/postgres/agent-coordination/executions.ts";
import { askHuman, openRequests, requestsOf } from "../../src/postgres/requests.ts";
import { findThread } from "../../src/postgres/threads/threads.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { cancelThread } from "../../src/runs/cancel.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { reportThread } from "../../src/runs/report.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  scenario: { faults: [{ kind: "latency", ms: 60_000, when: { match: "^Wait long", times: 1 } }] },
});
const task = (id: string, prompt = `Do ${id}.`) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [],
});
const planOf = (id: string) => ({ input: "x", currentTasks: [task(id)] });
const PLAN = planOf("a");
const HEAD = { kind: "plan", taskId: null, summary: "", payload: null };
const database = () => testEngine().engine.database;
const statusOf = async (id: string) => (await findThread(database(), id))?.status;

describe("a thread that has ended", () => {
  it("does not come back by a null input, and says what to do instead", async () => {
    const { run, engine } = testEngine();
    const cancelled = (await run(PLAN)).thread;
    await cancelThread(engine, cancelled);
    const completed = (await run(PLAN, { autoApprove: ["plan"] })).thread;

    for (const [id, status] of [
      [cancelled, "cancelled"],
      [completed, "completed"],
    ] as const) {
      await expect(run(null, {}, id)).rejects.toThrow(
        `Thread ${id} has ended (${status}): fork it at a checkpoint of "history ${id}", or start another thread.`,
      );
      expect(await statusOf(id)).toBe(status);
    }
  });
});

describe("a client that ends a thread", () => {
  const WAYS = [
    ["by updateState", (id: string) => graph.updateState({ configurable: { thread_id: id } }, null, END)],
    ["by a Command", (id: string) => testEngine().run(new Command({ goto: END }), {}, id)],
  ] as const;
  it.each(WAYS)("%s withdraws its requests", async (_, end) => {
    const { thread, status } = await testEngine().run(PLAN);
    expect(status).toBe("waiting");

    await end(thread);

    expect(await statusOf(thread)).toBe("completed");
    expect(await openRequests(database(), thread)).toEqual([]);
    expect((await requestsOf(database(), thread)).map((request) => request.status)).toEqual(["withdrawn"]);
  });

  it("cancels the tasks that wait", async () => {
    const { run } = testEngine();
    const limits = { budgetUsd: 0.000_001, autoApprove: ["plan" as const] };
    const { thread, waiting } = await run(PLAN, limits);
    expect(waiting).toMatchObject([{ kind: "budget" }]);

    await graph.updateState({ configurable: { thread_id: thread } }, null, END);

    const report = await reportThread(database(), thread);
    expect(report).toMatchObject({ status: "failed", waiting: [] });
    expect(report.tasks.map(({ status }) => status)).toEqual(["cancelled"]);
  });
});

describe("a thread whose process was killed after it asked, before its row said so", () => {
  it("is stopped with its question open, takes the answer, and goes on with it", async () => {
    const { run } = testEngine();
    const { thread } = await run(PLAN, { synthesis: false });
    await database().pool.query("UPDATE threads SET status = 'running' WHERE thread_id = $1", [thread]);
    const left = await reportThread(database(), thread);
    expect(left).toMatchObject({ status: "stopped", waiting: [{ kind: "plan" }] });

    await recordAnswer(testEngine().engine, left.waiting[0]?.id ?? "", { type: "approve" }, ANA);
    const next = await nextInput(graph, database(), thread);

    expect("input" in next && (await run(next.input, {}, thread)).status).toBe("completed");
  });
});

describe("a run that a client starts while a stopped one finishes", () => {
  it("waits until the thread is free", async () => {
    const { claude, run } = testEngine();
    const stop = new AbortController();
    const threadId = randomUUID();
    const options = { autoApprove: ["plan" as const], synthesis: false };
    const first = drive(
      graph,
      { input: "x", currentTasks: [task("long", "Wait long.")] },
      { threadId, options, signal: stop.signal },
    );
    first.catch(() => undefined);
    await expect.poll(() => claude.account().running).toBe(1);

    stop.abort();
    const second = await run(PLAN, options, threadId);

    expect(second.status).toBe("completed");
    await expect(first).rejects.toThrow();
  });
});

describe("an answer that joins more results than fit", () => {
  it("says how many it leaves out", async () => {
    const currentTasks = Array.from({ length: 402 }, (_, n) => task(`t${n}`));
    const options = { autoApprove: ["plan" as const], synthesis: false, budgetUsd: 5 };
    const { output, status } = await testEngine().run({ input: "x", currentTasks }, options);

    expect(status).toBe("completed");
    expect(output).toContain("(The results of 2 tasks are left out here");
  });
});

describe("a thread over months", () => {
  it("has times above the range of an int, and none below zero after the clock was set back", async () => {
    const { thread } = await testEngine().run(PLAN, { autoApprove: ["plan"], synthesis: false });
    const { pool } = database();
    await pool.query(`UPDATE threads SET created_at = created_at - interval '90 days' WHERE thread_id = $1`, [
      thread,
    ]);
    await pool.query(
      `UPDATE agent_coordination SET started_at = started_at - interval '60 days' WHERE session_id = $1`,
      [thread],
    );
    const old = await reportThread(database(), thread);
    expect(old.wallMs).toBeGreaterThan(2 ** 31);
    expect(old.phasesMs.agents).toBeGreaterThan(2 ** 31);

    await pool.query(
      `UPDATE agent_coordination SET started_at = ended_at + interval '61 days' WHERE session_id = $1`,
      [thread],
    );
    await pool.query(
      `UPDATE claude_calls SET settled_at = reserved_at - interval '1 hour', phase = 'plan' WHERE thread_id = $1`,
      [thread],
    );
    await pool.query(`UPDATE threads SET created_at = ended_at + interval '1 hour' WHERE thread_id = $1`, [
      thread,
    ]);
    const later = await reportThread(database(), thread);
    expect(later).toMatchObject({ wallMs: 0, phasesMs: { plan: 0, agents: 0 } });
    expect(later.tasks[0]?.ms).toBe(0);
    expect(await sinceLastStart(database(), thread)).toBe(0);
  });

  it("keeps the short ids that an earlier version gave its requests", async () => {
    const { thread, waiting } = await testEngine().run(PLAN);
    const [row] = await requestsOf(database(), thread);
    const id = waiting[0]?.id ?? "";
    const old = id.slice(0, -8);
    await database().pool.query("UPDATE requests SET id = $2 WHERE id = $1", [id, old]);

    const asked = await askHuman(database(), { ...HEAD, id, threadId: thread });

    expect(asked).toMatchObject({ id: old, summary: row?.summary });
    expect(await requestsOf(database(), thread)).toHaveLength(1);
  });

  it("takes another budget, higher or lower, but not below what is spent", async () => {
    const { run } = testEngine();
    const options = { autoApprove: ["plan" as const], synthesis: false, budgetUsd: 1 };
    const { thread, costUsd } = await run(PLAN, options);
    expect((await run(PLAN, { ...options, budgetUsd: 2 }, thread)).budgetUsd).toBe(2);
    const spent = (await run(planOf("b"), { ...options, budgetUsd: 0.5 }, thread)).costUsd;
    expect(spent).toBeGreaterThan(costUsd);

    const low = await run(planOf("c"), { ...options, budgetUsd: costUsd / 2 }, thread);

    expect(low.status).toBe("waiting");
    expect(low.budgetUsd).toBeCloseTo(spent, 8);
  });
});
