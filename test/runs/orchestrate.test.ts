import { randomUUID } from "node:crypto";
import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { openRequests } from "../../src/postgres/requests.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { useEngine } from "../support/engine.ts";

const REQUEST = "Compare three ways to shard a Postgres queue, with risks. Losing a job is worst.";
const testEngine = useEngine();

describe("a run with a plan by Claude", () => {
  it("completes every task, answers, and its ledger says what the server billed", async () => {
    const { claude, run } = testEngine();
    claude.reset();

    const report = await run({ input: REQUEST }, { autoApprove: ["plan"] });

    expect(report).toMatchObject({ status: "completed", simulated: false, error: null, waiting: [] });
    expect(report.tasks.map((task) => task.status)).toEqual(report.tasks.map(() => "completed"));
    expect(report.tasks.length).toBeGreaterThan(2);
    expect(report.output).toContain("shard a Postgres queue");
    const account = claude.account();
    expect(report.calls).toEqual({ paid: account.answers, replayed: 0, unknown: 0, failed: 0 });
    expect(report.calls.paid).toBe(report.tasks.length + 2);
    expect(report.costUsd).toBeCloseTo(account.costUsd, 8);
    expect(report.tokens.output).toBe(account.tokens.output);
  });

  it("tells what happens: the plan, each task twice, and every sum paid", async () => {
    const { run } = testEngine();

    const { events, tasks, costUsd } = await run({ input: REQUEST }, { autoApprove: ["plan"] });

    const planned = events.find((event) => event.type === "planned");
    expect(planned?.tasks.map((task) => task.id)).toEqual(tasks.map((task) => task.id));
    const changes = events.filter((event) => event.type === "task");
    for (const { id } of tasks) {
      const statuses = changes.filter((event) => event.id === id).map((event) => event.status);
      expect(statuses).toEqual(["running", "completed"]);
    }
    const paid = events.map((event) =>
      event.type === "call" || (event.type === "task" && event.status === "completed") ? event.costUsd : 0,
    );
    expect(paid.reduce((sum, usd) => sum + usd, 0)).toBeCloseTo(costUsd, 8);
  });

  it("keeps references in the state and whole results in Postgres", async () => {
    const { run } = testEngine();

    const { thread, tasks } = await run({ input: REQUEST }, { autoApprove: ["plan"] });

    const { values } = await graph.getState({ configurable: { thread_id: thread } });
    expect(Object.keys(values.agentResults)).toEqual(tasks.map((task) => task.id));
    for (const { id, output } of tasks) {
      expect(output?.length).toBeGreaterThan(50);
      expect(JSON.stringify(values.agentResults[id])).not.toContain(output?.slice(0, 50));
    }
    expect(JSON.parse(JSON.stringify(values.currentTasks))).toEqual(values.currentTasks);
    expect(Object.values(values.sacredConsciousness).length).toBeGreaterThan(0);
  });

  it("is asked about before any agent runs, and goes on when it is approved", async () => {
    const { run, claude, engine } = testEngine();
    claude.reset();

    const asked = await run({ input: REQUEST });

    expect(asked.status).toBe("waiting");
    expect(asked.waiting).toMatchObject([{ kind: "plan", task: null }]);
    expect(claude.account().answers).toBe(1);
    expect(await nextInput(graph, engine.database, asked.thread)).toEqual({
      waitingFor: [asked.waiting[0]?.id],
    });
    const done = await run(new Command({ resume: "approve" }), {}, asked.thread);
    expect(done).toMatchObject({ status: "completed", waiting: [] });
  });

  it("is made anew when it is rejected with a reason, and never run without one", async () => {
    const { run, claude } = testEngine();
    const asked = await run({ input: REQUEST });
    const first = asked.waiting[0]?.id;

    const again = await run(
      new Command({ resume: { type: "reject", message: "two tasks suffice" } }),
      {},
      asked.thread,
    );
    expect(again.status).toBe("waiting");
    expect(again.waiting).toHaveLength(1);
    expect(again.waiting[0]?.id).not.toBe(first);
    expect(again.calls.paid).toBe(2);

    const before = claude.account().answers;
    const ended = await run(new Command({ resume: "reject" }), {}, asked.thread);
    expect(ended).toMatchObject({ status: "cancelled", output: null, tasks: [] });
    expect(claude.account().answers).toBe(before);
  });

  it("can be edited: the edited tasks run and no others", async () => {
    const { run } = testEngine();
    const asked = await run({ input: REQUEST });
    const args = { tasks: [{ id: "mine", agent: "sydney-coder", prompt: "Write the one thing." }] };

    const done = await run(new Command({ resume: { type: "edit", args } }), {}, asked.thread);

    expect(done.status).toBe("completed");
    expect(done.tasks.map((task) => task.id)).toEqual(["mine"]);
  });

  it.each([
    ["an unknown agent", { type: "edit", args: { tasks: [{ id: "a", agent: "nobody", prompt: "x" }] } }],
    ["an unknown word", "perhaps"],
    ["too many decisions", { decisions: [{ type: "approve" }, { type: "approve" }] }],
  ])("stays asked after a wrong answer: %s", async (_, resume) => {
    const { run, engine } = testEngine();
    const asked = await run({ input: REQUEST });

    await expect(run(new Command({ resume }), {}, asked.thread)).rejects.toThrow(UsageError);

    const open = await openRequests(engine.database, asked.thread);
    expect(open.map((request) => request.id)).toEqual(asked.waiting.map((request) => request.id));
    const done = await run(new Command({ resume: { type: "approve" } }), {}, asked.thread);
    expect(done.status).toBe("completed");
  });
});

describe("a thread", () => {
  it("is run once at a time", async () => {
    const { run, engine } = testEngine();
    const threadId = randomUUID();
    expect(await engine.claims.claim(threadId)).toBe(true);

    await expect(run({ input: "Anything" }, {}, threadId)).rejects.toThrow("Another process runs thread");

    await engine.release(threadId);
    const report = await run({ input: "Anything" }, { autoApprove: ["plan"] }, threadId);
    expect(report.status).toBe("completed");
  });

  it("that waits refuses new input, which would discard the question", async () => {
    const { run } = testEngine();
    const asked = await run({ input: REQUEST });

    await expect(run({ input: "Something else" }, {}, asked.thread)).rejects.toThrow(
      `waits for an answer to ${asked.waiting[0]?.id}`,
    );
  });

  it("that has ended takes new input and forgets the plan and the results before", async () => {
    const { run } = testEngine();
    const first = await run({ input: "@sydney-research look around" });
    expect(first.status).toBe("waiting");
    await run(new Command({ resume: "approve" }), {}, first.thread);

    const second = await run({ input: "@sydney-coder write it" }, { autoApprove: ["plan"] }, first.thread);

    expect(second.status).toBe("completed");
    expect(second.tasks.map((task) => task.agent)).toEqual(["sydney-coder"]);
    const { values } = await graph.getState({ configurable: { thread_id: first.thread } });
    expect(Object.keys(values.agentResults)).toEqual(["sydney-coder"]);
  });

  it.each([
    ["no id", { configurable: {} }],
    ["an id that is no UUID", { configurable: { thread_id: "mine" } }],
  ])("needs a UUID: %s", async (_, config) => {
    await expect(graph.invoke({ input: "x" }, config)).rejects.toThrow("thread_id to a UUID");
  });

  it("refuses options that are out of bounds, in one sentence", async () => {
    const { run } = testEngine();
    await expect(run({ input: "x" }, { parallel: 11 })).rejects.toThrow(/options are wrong.*parallel/s);
  });
});
