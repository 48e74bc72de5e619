import { describe, expect, it } from "vitest";
import { z } from "zod";
import { graph } from "../../graphs/orchestrate.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { getRequest } from "../../src/postgres/requests.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { nextInput } from "../../src/runs/drive.ts";
import { ANA } from "../support/answerer.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  scenario: {
    answers: [
      { text: "The shorter answer.", when: { match: "rejected this answer[^]*too long" } },
      { text: "The long answer.", when: { match: "^Synthesize the answer" } },
    ],
  },
});

const ASK: ThreadOptions = { ask: { plan: "never", result: "always" } };
const TWO = { input: "@sydney-research look @sydney-coder write" };

async function answer(thread: string, requestId: string | undefined, decision: Decision) {
  const { engine, run } = testEngine();
  await recordAnswer(engine, requestId ?? "", decision, ANA);
  const step = await nextInput(graph, engine.database, thread);
  return run("input" in step ? step.input : null, {}, thread);
}

const saidOf = async (thread: string) => {
  const { values } = await graph.getState({ configurable: { thread_id: thread } });
  return z
    .array(z.object({ text: z.string() }))
    .parse(values["messages"])
    .map(({ text }) => text);
};

describe("the gate of the answer", () => {
  it("shows the answer and ends the run with it when it is approved; nothing is bought for that", async () => {
    const { run, claude, engine } = testEngine();
    const { thread, status, waiting } = await run(TWO, ASK);
    expect(status).toBe("waiting");
    expect(waiting).toMatchObject([{ kind: "result", summary: "Is this the answer? The long answer." }]);
    const { payload } = await getRequest(engine.database, waiting[0]?.id ?? "");
    expect(payload).toMatchObject({ output: "The long answer.", verdict: "completed", tasks: [{}, {}] });
    claude.reset();

    const report = await answer(thread, waiting[0]?.id, { type: "approve" });

    expect(report).toMatchObject({ status: "completed", output: "The long answer." });
    expect(claude.account().answers).toBe(0);
    expect(report.answers).toMatchObject([
      { kind: "result", decision: { type: "approve" }, answeredBy: "ana@desk", answeredVia: "cli" },
    ]);
  });

  it("takes an edited text, in the conversation too", async () => {
    const { thread, waiting } = await testEngine().run(TWO, ASK);

    const report = await answer(thread, waiting[0]?.id, { type: "edit", args: { output: "My own words." } });

    expect(report).toMatchObject({ status: "completed", output: "My own words." });
    expect(await saidOf(thread)).toEqual(["My own words."]);
  });

  it("has the answer made anew for a reason, and asks again", async () => {
    const { thread, waiting } = await testEngine().run(TWO, ASK);

    const again = await answer(thread, waiting[0]?.id, { type: "reject", message: "too long" });
    expect(again).toMatchObject({ status: "waiting", waiting: [{ kind: "result" }] });
    expect(again.waiting[0]?.id).not.toBe(waiting[0]?.id);
    const report = await answer(thread, again.waiting[0]?.id, { type: "approve" });

    expect(report).toMatchObject({ status: "completed", output: "The shorter answer." });
    expect(await saidOf(thread)).toEqual(["The shorter answer."]);
  });

  it("has an answer made where none was: of a plan of one task", async () => {
    const { thread, waiting } = await testEngine().run({ input: "@sydney-coder write" }, ASK);
    const again = await answer(thread, waiting[0]?.id, { type: "reject", message: "too long" });
    const report = await answer(thread, again.waiting[0]?.id, { type: "approve" });
    expect(report.output).toBe("The shorter answer.");
  });

  it("ends the run as cancelled, without an answer, when it is rejected without a reason", async () => {
    const { thread, waiting } = await testEngine().run(TWO, ASK);
    const report = await answer(thread, waiting[0]?.id, { type: "reject", message: "" });
    expect(report).toMatchObject({ status: "cancelled", output: null, error: "The answer was rejected." });
  });

  it.each([
    ["an edit without a text", { type: "edit", args: { output: " " } }, /must contain the changed answer/],
    ["words", { type: "respond", message: "hm" }, /approve, edit, reject, not with respond/],
  ] as const)("does not take %s, and stays open", async (_, decision, says) => {
    const { engine, run } = testEngine();
    const { waiting } = await run(TWO, ASK);
    await expect(recordAnswer(engine, waiting[0]?.id ?? "", decision, ANA)).rejects.toThrow(says);
    expect(await getRequest(engine.database, waiting[0]?.id ?? "")).toMatchObject({ status: "open" });
  });
});

describe("what nobody is asked", () => {
  it("is not a request where the policy says never, nor by default for an answer", async () => {
    const { run } = testEngine();
    expect(await run(TWO, { ask: { plan: "never" } })).toMatchObject({ status: "completed", answers: [] });
  });

  it("is kept as approved by the run's own option, with what was approved", async () => {
    const { run, engine } = testEngine();
    const { status, answers } = await run(TWO, {
      ask: { result: "always" },
      autoApprove: ["plan", "result"],
    });
    expect(status).toBe("completed");
    expect(answers.map(({ kind, answeredBy, answeredVia }) => [kind, answeredBy, answeredVia])).toEqual([
      ["plan", null, "auto-approve"],
      ["result", null, "auto-approve"],
    ]);
    const { payload } = await getRequest(engine.database, answers[0]?.id ?? "");
    expect(payload).toMatchObject({ tasks: [{ id: "sydney-research" }, { id: "sydney-coder" }] });
  });
});
