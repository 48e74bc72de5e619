import { Command } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { getRequest } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";
import { NO_END, TAKEN } from "../support/no-end.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const testEngine = useEngine({
  environment: { BUDGET_USD: "20", OUTAGE_MINUTES: "0.015" },
  scenario: {
    answers: [
      { json: GOOD, when: { match: "garbled twice[^]*2\\. The answer was cut off" } },
      { json: GOOD, when: { match: "garbled till opus", model: "opus" } },
      { json: GOOD, when: { match: "always garbled[^]*A human[^]*use JSON" } },
      { json: GOOD, when: { match: "easy" } },
      { text: "", when: { match: "wordless|^Give this answer once more" } },
      { text: NO_END, cut: "answer", when: { match: "garbled|^Your previous response" } },
    ],
    faults: [
      { kind: "refusal", when: { match: "forbidden" } },
      { status: 529, when: { match: "unreachable", times: 3 } },
    ],
  },
});

const task = (id: string, prompt: string, rest: object = {}) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [] as string[],
  ...rest,
});

async function runTasks(tasks: readonly object[], options: object = {}) {
  return testEngine().run(
    { input: "x", currentTasks: tasks },
    { autoApprove: ["plan", "tool", "result"], synthesis: false, ...options },
  );
}

async function attemptsOf(thread: string, id: string) {
  const { rows } = await testEngine().engine.database.pool.query(
    `SELECT attempt, model, failure, digest FROM task_attempts
     WHERE session_id = $1 AND task_id = $2 ORDER BY attempt`,
    [thread, id],
  );
  return rows;
}

/** Answers what a thread asks and goes on with it. */
async function answer(thread: string, requestId: string, decision: Parameters<typeof recordAnswer>[2]) {
  const { engine, run } = testEngine();
  await recordAnswer(engine, requestId, decision, ANA);
  const step = await nextInput(graph, engine.database, thread);
  if (!("input" in step)) throw new Error(`Still waiting for ${step.waitingFor.join(", ")}.`);
  return run(step.input, {}, thread);
}

describe("a task whose answers fail", () => {
  it("is tried again, told what failed, until one passes", async () => {
    const { thread, status, tasks } = await runTasks([task("a", "garbled twice")]);

    expect(status).toBe("completed");
    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 3, escalated: false });
    expect(await attemptsOf(thread, "a")).toMatchObject([
      { attempt: 1, failure: "max-tokens", model: "claude-sonnet-5-5" },
      { attempt: 2, failure: "max-tokens" },
    ]);
  });

  it("goes to Opus after five, in a fresh conversation with all five failures", async () => {
    const { claude } = testEngine();
    claude.reset();

    const { tasks, costUsd } = await runTasks([task("a", "garbled till opus")]);

    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 6, escalated: true });
    expect(tasks[0]?.model).toBe("claude-opus-5-5");
    expect(tasks[0]?.costUsd).toBeCloseTo(costUsd, 10);
    expect(costUsd).toBeCloseTo(claude.account().costUsd, 10);
  });

  it.each([
    ["no text", "wordless", "invalid-output"],
    ["a refusal", "forbidden", "refusal"],
    ["an end in the middle", "always garbled", "max-tokens"],
  ])("%s: waits for a human after six, and its siblings complete", async (_, prompt, failure) => {
    const report = await runTasks([
      task("bad", prompt),
      task("after", "easy", { dependsOn: ["bad"] }),
      task("good", "easy"),
    ]);

    expect(report.status).toBe("waiting");
    expect(report.tasks.map(({ id, status }) => [id, status])).toEqual([
      ["bad", "waiting"],
      ["after", "pending"],
      ["good", "completed"],
    ]);
    expect(report.waiting).toMatchObject([{ kind: "failure", task: "bad" }]);
    expect(await attemptsOf(report.thread, "bad")).toMatchObject(
      ["sonnet", "sonnet", "sonnet", "sonnet", "sonnet", "opus"].map((name, index) => ({
        attempt: index + 1,
        failure,
        model: `claude-${name}-5-5`,
      })),
    );
  });

  it("stays on its model with escalation off, and begins on the model of the run", async () => {
    const { thread, tasks } = await runTasks([task("a", "garbled till opus")], {
      escalation: false,
      model: "haiku",
    });

    expect(tasks[0]).toMatchObject({ status: "waiting", attempts: 5, escalated: false });
    const models = (await attemptsOf(thread, "a")).map((attempt) => attempt.model);
    expect(models).toEqual(Array.from({ length: 5 }, () => "claude-haiku-5-5"));
  });

  it("that could not be sent for trouble on the way waits, and no attempt is counted", async () => {
    const report = await runTasks([task("a", "unreachable")]);
    expect(report.tasks[0]).toMatchObject({ status: "waiting", attempts: 0 });
    expect(report.waiting[0]?.summary).toContain("529");

    const done = await answer(report.thread, report.waiting[0]?.id ?? "", { type: "approve" });
    expect(done.tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
  });
});

describe("a human who is asked about a failure", () => {
  const failed = () =>
    runTasks([task("bad", "always garbled"), task("after", "easy", { dependsOn: ["bad"] })]);

  it("is shown the prompt, every failure and the last answer", async () => {
    const { waiting } = await failed();
    const { payload } = await getRequest(testEngine().engine.database, waiting[0]?.id ?? "");
    expect(payload).toMatchObject({
      task: "bad",
      prompt: "always garbled",
      answer: TAKEN,
      attempts: Array.from({ length: 6 }, (_, index) => ({ attempt: index + 1 })),
    });
  });

  it("may take what is there", async () => {
    const { thread, waiting } = await failed();
    const done = await answer(thread, waiting[0]?.id ?? "", { type: "approve" });

    expect(done.status).toBe("completed");
    expect(done.tasks[0]).toMatchObject({
      status: "completed",
      output: TAKEN,
      attempts: 6,
    });
  });

  it("may give up: what depends on it is blocked", async () => {
    const { thread, waiting } = await failed();
    const done = await answer(thread, waiting[0]?.id ?? "", { type: "reject", message: "not worth it" });

    expect(done.status).toBe("failed");
    expect(done.tasks.map((one) => one.status)).toEqual(["failed", "blocked"]);
    expect(done.tasks[0]?.error).toContain("not worth it");
  });

  it("may change the prompt", async () => {
    const { thread, waiting } = await failed();
    const done = await answer(thread, waiting[0]?.id ?? "", { type: "edit", args: { prompt: "easy" } });

    expect(done.status).toBe("completed");
    expect(done.tasks[0]).toMatchObject({ attempts: 7, escalated: false });
  });

  it("may say how: the ladder begins anew, and the agent is told", async () => {
    const { thread, waiting } = await failed();
    const done = await answer(thread, waiting[0]?.id ?? "", { type: "respond", message: "use JSON" });

    expect(done.status).toBe("completed");
    expect(done.tasks[0]).toMatchObject({ attempts: 7, model: "claude-sonnet-5-5" });
  });

  it("is asked again when the whole ladder fails again", async () => {
    const { thread, waiting } = await failed();
    const again = await answer(thread, waiting[0]?.id ?? "", { type: "respond", message: "again" });

    expect(again.status).toBe("waiting");
    expect(again.tasks[0]).toMatchObject({ attempts: 12 });
    expect(again.waiting).toHaveLength(1);
    expect(again.waiting[0]?.id).not.toBe(waiting[0]?.id);
  });

  it("is asked for everything at once, and answers by LangGraph's client in one go", async () => {
    const tasks = [task("one", "always garbled"), task("two", "forbidden"), task("ok", "easy")];
    const report = await runTasks(tasks, { parallel: 1 });
    expect(report.waiting.map((request) => request.task)).toEqual(["one", "two"]);

    const wrong = { decisions: [{ type: "approve" }, { type: "approve" }] };
    const { run } = testEngine();
    await expect(run(new Command({ resume: wrong }), {}, report.thread)).rejects.toThrow(
      /nothing to approve/,
    );

    const resume = { decisions: [{ type: "approve" }, { type: "reject", message: "" }] };
    const done = await run(new Command({ resume }), {}, report.thread);
    expect(done.tasks.map((one) => one.status)).toEqual(["completed", "failed", "completed"]);
    expect(done.status).toBe("partial");
  });
});
