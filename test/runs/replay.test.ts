import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { useEngine } from "../support/engine.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const TURNS = 7;
const testEngine = useEngine({
  environment: { BUDGET_USD: "5" },
  scenario: {
    answers: [
      ...Array.from({ length: TURNS }, (_, turn) => ({
        text: `Step ${turn + 1}. `,
        pause: true,
        when: { match: "many turns", said: turn === 0 ? "^$" : `Step ${turn}\\.\\s*$` },
      })),
      { json: GOOD, when: { match: "many turns" } },
      { json: GOOD, when: { match: "piece" } },
    ],
    faults: [{ kind: "stall", afterEvents: 3, when: { said: "Step 6", times: 1 } }],
  },
});
const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };

const task = (id: string, prompt: string) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [] as string[],
});

async function callsOf(thread: string) {
  const { rows } = await testEngine().engine.database.pool.query(
    "SELECT turn, status, replays FROM claude_calls WHERE thread_id = $1 ORDER BY id",
    [thread],
  );
  return rows;
}

describe("an agent of many turns", () => {
  it("that is stopped in its seventh turn pays for the seventh and eighth only, when it goes on", async () => {
    const { engine, claude } = testEngine();
    const threadId = randomUUID();
    const controller = new AbortController();
    claude.reset();
    const plan = { input: "x", currentTasks: [task("a", "many turns")] };
    const { signal } = controller;
    const running = drive(graph, plan, { threadId, options: OPTIONS, signal });
    running.catch(() => undefined);
    await expect.poll(() => claude.account().faults["stall"], { timeout: 20_000 }).toBe(1);
    controller.abort();
    await expect(running).rejects.toThrow();
    await expect.poll(() => engine.claims.claim(threadId)).toBe(true);
    await engine.release(threadId);
    expect((await callsOf(threadId)).map((call) => call.status)).toEqual([
      ...Array.from({ length: 6 }, () => "committed"),
      "unknown",
    ]);
    claude.reset();

    const step = await nextInput(graph, engine.database, threadId);
    const report = await testEngine().run("input" in step ? step.input : null, {}, threadId);

    expect(report.status).toBe("completed");
    expect(claude.account().answers).toBe(2);
    expect(report.calls).toEqual({ paid: 8, replayed: 6, unknown: 1, failed: 0 });
    expect(report.tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
    expect(report.tasks[0]?.costUsd).toBeCloseTo(report.costUsd, 10);
  });
});

describe("a fork", () => {
  it("replays for nothing what has not changed, and pays only for what has", async () => {
    const { run, claude, engine } = testEngine();
    const plan = { input: "x", currentTasks: [task("same", "piece one"), task("other", "piece two")] };
    const { thread } = await run(plan, OPTIONS);
    claude.reset();

    const fork = await forkAtPlan(thread, [task("same", "piece one"), task("other", "piece three")]);
    const forked = await graph.invoke(null, fork);

    expect(forked.agentResults).toMatchObject({
      same: { status: "completed" },
      other: { status: "completed" },
    });
    expect(claude.account().answers).toBe(1);
    const { rows } = await engine.database.pool.query(
      `SELECT task_id, status, cost_usd > 0 AS paid FROM agent_coordination
       WHERE session_id = $1 ORDER BY id DESC LIMIT 2`,
      [thread],
    );
    expect(rows).toEqual([
      { task_id: "other", status: "completed", paid: true },
      { task_id: "same", status: "completed", paid: false },
    ]);
    expect((await callsOf(thread)).map((call) => call.replays)).toEqual([1, 0, 0]);
  });
});

/** A fork of a thread from before its plan was approved, with another plan. */
async function forkAtPlan(thread: string, currentTasks: readonly object[]) {
  const config = { configurable: { thread_id: thread } };
  for await (const state of graph.getStateHistory(config)) {
    if (state.next[0] === "approve") return graph.updateState(state.config, { currentTasks }, "plan");
  }
  throw new Error("The history has no state before the plan's approval.");
}
