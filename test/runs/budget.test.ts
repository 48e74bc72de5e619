import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { holdWrites } from "../support/hold-writes.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const testEngine = useEngine({
  latencyMs: 20,
  environment: { MAX_TOKENS: "1000" },
  scenario: {
    answers: [{ json: GOOD, when: { match: "piece" } }],
    faults: [{ status: 402, message: "out of credit", when: { match: "broke", times: 1 } }],
  },
});

const tasks = (count: number, prompt = "piece") =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    agent: "sydney-coder",
    description: "x",
    prompt: `${prompt} ${index}`,
    dependsOn: [] as string[],
  }));

async function runTasks(count: number, options: ThreadOptions, prompt?: string) {
  const { run, claude } = testEngine();
  claude.reset();
  return run(
    { input: "x", currentTasks: tasks(count, prompt) },
    { autoApprove: ["plan", "tool", "result"], synthesis: false, parallel: 10, ...options },
  );
}

async function answer(thread: string, requestId: string, decision: Decision) {
  const { engine, run } = testEngine();
  await recordAnswer(engine, requestId, decision, ANA);
  const step = await nextInput(graph, engine.database, thread);
  if (!("input" in step)) throw new Error("Still waiting.");
  return run(step.input, {}, thread);
}

const counts = (report: { tasks: readonly { status: string }[] }) =>
  Object.fromEntries(
    ["completed", "waiting", "failed"].map((status) => [
      status,
      report.tasks.filter((task) => task.status === status).length,
    ]),
  );

/** The most that was ever promised at one moment, calls under way at their worst case. */
async function peakPromisedUsd(thread: string): Promise<number> {
  const { rows } = await testEngine().engine.database.pool.query<{ peak: number }>(
    `SELECT max(total)::float8 AS peak FROM (
       SELECT sum(step) OVER (ORDER BY at, step) AS total FROM (
         SELECT reserved_at AS at, reserved_usd AS step FROM claude_calls WHERE thread_id = $1
         UNION ALL SELECT settled_at, cost_usd - reserved_usd FROM claude_calls WHERE thread_id = $1) steps) totals`,
    [thread],
  );
  return rows[0]?.peak ?? Number.NaN;
}

async function tasksAtWork(): Promise<number> {
  const { rows } = await testEngine().engine.database.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM agent_coordination WHERE status = 'running'",
  );
  return rows[0]?.count ?? 0;
}

describe("a thread's budget", () => {
  it("is never passed: what fits goes on, one question is asked, and its answer lets the rest go on", async () => {
    const report = await runTasks(30, { budgetUsd: 0.02 });

    expect(report.status).toBe("waiting");
    expect(counts(report)["completed"]).toBeGreaterThan(2);
    expect(counts(report)["waiting"]).toBeGreaterThan(0);
    expect(report.waiting).toMatchObject([{ kind: "budget", task: null }]);
    expect(report.costUsd).toBeLessThanOrEqual(0.02);
    expect(await peakPromisedUsd(report.thread)).toBeLessThanOrEqual(0.02);
    expect(report.calls.paid).toBe(testEngine().claude.account().answers);

    const done = await answer(report.thread, report.waiting[0]?.id ?? "", {
      type: "edit",
      args: { budgetUsd: 0.2 },
    });
    expect(done).toMatchObject({ status: "completed", budgetUsd: 0.2 });
    expect(counts(done)["completed"]).toBe(30);
    expect(done.calls.paid).toBe(30);
  });

  it("is raised to what is proposed when that is approved", async () => {
    const report = await runTasks(3, { budgetUsd: 0.005 });
    expect(counts(report)).toEqual({ completed: 0, waiting: 3, failed: 0 });
    expect(testEngine().claude.account().answers).toBe(0);

    const done = await answer(report.thread, report.waiting[0]?.id ?? "", { type: "approve" });

    expect(done.status).toBe("completed");
    expect(done.budgetUsd).toBeGreaterThan(0.005);
    expect(done.costUsd).toBeLessThanOrEqual(done.budgetUsd);
  });

  it("stays as it is when that is rejected: the tasks fail and say why", async () => {
    const report = await runTasks(2, { budgetUsd: 0.005 });
    const done = await answer(report.thread, report.waiting[0]?.id ?? "", { type: "reject", message: "" });

    expect(done.status).toBe("failed");
    expect(done.tasks[0]?.error).toMatch(
      /The budget of \$0\.0050 is too small for the next call: it may cost up to \$0\.0\d+/,
    );
  });

  it("is not raised to less than the next call needs", async () => {
    const { waiting } = await runTasks(1, { budgetUsd: 0.005 });
    const { engine } = testEngine();
    await expect(
      recordAnswer(engine, waiting[0]?.id ?? "", { type: "edit", args: { budgetUsd: 0.006 } }, ANA),
    ).rejects.toThrow(/must raise the budget to at least 0\.\d+ USD/);
    await expect(recordAnswer(engine, waiting[0]?.id ?? "", { type: "edit", args: {} }, ANA)).rejects.toThrow(
      /at least/,
    );
  });

  it("that only calls under way use up is waited for, not asked about", async () => {
    const reservations = await holdWrites(testEngine().engine.database, "INSERT");
    const running = runTasks(10, { budgetUsd: 0.05 });
    await expect.poll(tasksAtWork).toBe(10);
    await reservations.letGo();
    const report = await running;

    expect(report.status).toBe("completed");
    expect(report.calls.paid).toBe(10);
    expect(report.peakParallel).toBe(10);
    expect(testEngine().claude.account().peakRunning).toBeLessThan(10);
    expect(await peakPromisedUsd(report.thread)).toBeLessThanOrEqual(0.05);
  });

  it("is asked about before a plan is made, and that plan is made when it is raised", async () => {
    const { run, claude } = testEngine();
    claude.reset();
    const asked = await run({ input: "Compare two ways to do it." }, { budgetUsd: 0.001 });

    expect(asked).toMatchObject({ status: "waiting", waiting: [{ kind: "budget" }] });
    expect(claude.account().answers).toBe(0);
    const planned = await answer(asked.thread, asked.waiting[0]?.id ?? "", {
      type: "edit",
      args: { budgetUsd: 1 },
    });
    expect(planned).toMatchObject({ status: "waiting", waiting: [{ kind: "plan" }] });
  });

  it("that is not raised for a plan ends the run", async () => {
    const asked = await testEngine().run({ input: "Compare two ways." }, { budgetUsd: 0.001 });
    const ended = await answer(asked.thread, asked.waiting[0]?.id ?? "", { type: "reject", message: "no" });
    expect(ended).toMatchObject({ status: "cancelled", costUsd: 0 });
  });

  it.each([
    ["raised", { type: "approve" } as const, "completed", null],
    ["not raised", { type: "reject", message: "" } as const, "partial", /budget was not raised/],
  ])("that does not suffice for the synthesis is %s", async (_, decision, status, error) => {
    const { run } = testEngine();
    const plan = { input: "Compare it. ".repeat(1000), currentTasks: tasks(2) };
    const asked = await run(plan, { autoApprove: ["plan"], budgetUsd: 0.018 });
    expect(asked).toMatchObject({ status: "waiting", waiting: [{ kind: "budget", task: null }] });
    expect(counts(asked)["completed"]).toBe(2);

    const done = await answer(asked.thread, asked.waiting[0]?.id ?? "", decision);

    expect(done.status).toBe(status);
    expect(done.output).not.toBeNull();
    if (error) expect(done.error).toMatch(error);
  });
});

describe("a task's own budget", () => {
  it("bounds each task by itself, and is raised for that task alone", async () => {
    const report = await runTasks(2, { budgetUsd: 1, taskBudgetUsd: 0.001, parallel: 1 });

    expect(report.waiting.map(({ kind, task }) => [kind, task])).toEqual([
      ["budget", "t0"],
      ["budget", "t1"],
    ]);
    const { engine } = testEngine();
    await recordAnswer(engine, report.waiting[0]?.id ?? "", { type: "edit", args: { budgetUsd: 0.5 } }, ANA);
    const done = await answer(report.thread, report.waiting[1]?.id ?? "", { type: "reject", message: "" });

    expect(done.tasks.map((task) => task.status)).toEqual(["completed", "failed"]);
    expect((await getThread(engine.database, report.thread)).budgetUsd).toBe(1);
  });
});

describe("an account at the end of its money", () => {
  it("stops all calls with one question, and approving tries again", async () => {
    const report = await runTasks(4, { budgetUsd: 1, parallel: 1 }, "broke piece");

    expect(report).toMatchObject({ status: "waiting", waiting: [{ kind: "budget", task: null }] });
    expect(report.waiting[0]?.summary).toMatch(/no money left.*out of credit/);
    expect(testEngine().claude.account().requests).toBe(1);
    expect(counts(report)["waiting"]).toBe(4);

    const done = await testEngine().run(new Command({ resume: "approve" }), {}, report.thread);
    expect(done.status).toBe("completed");
  });
});
