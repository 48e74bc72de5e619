import { describe, expect, it } from "vitest";
import { interruptRequest } from "../../src/requests/interrupt.ts";
import { kindOf } from "../../src/requests/kinds.ts";
import { answeredPlan, planRequest } from "../../src/requests/plan.ts";
import { questionRequest } from "../../src/requests/question.ts";
import { answeredResult, resultRequest } from "../../src/requests/result.ts";
import { planTask } from "../support/plan-task.ts";

const AT = { threadId: "t", stop: "s" };
const SCOPE = { planFrom: () => Promise.resolve([planTask("new")]) };

describe("a request", () => {
  it("is the same as long as the same stop asks the same, and another one at another stop or thread", () => {
    const idAt = (at: object) => resultRequest({ ...AT, ...at }, "The work.", {}).id;
    expect(idAt({})).toMatch(/^result-[0-9a-f]{16}$/);
    expect(idAt({})).toBe(idAt({}));
    expect(new Set([idAt({}), idAt({ stop: "later" }), idAt({ threadId: "u" })]).size).toBe(3);
  });

  it("about a plan names its tasks and agents and keeps what they may cost", () => {
    const request = planRequest(AT, [planTask("a"), { ...planTask("b", ["a"]), model: "opus" }], 0.5);
    expect(request).toMatchObject({
      kind: "plan",
      taskId: null,
      summary: "Run 2 tasks: a (coder), b (coder)",
    });
    expect(request.payload).toEqual({
      estimateUsd: 0.5,
      tasks: [
        { ...planTask("a"), model: null },
        { ...planTask("b", ["a"]), model: "opus" },
      ],
    });
  });

  it("about a result shows it in short, and keeps it whole with its facts", () => {
    const output = "two\n lines ".repeat(99);
    const { summary, payload } = resultRequest(AT, output, { verdict: "partial" });
    expect(summary).toMatch(/^Is this the answer\? two lines .{180,200}$/);
    expect(payload).toEqual({ output, verdict: "partial" });
  });

  it.each([
    ["Which  \n one?", "Which one?"],
    [{ title: "T", text: " ", message: "M" }, "M"],
    [{ question: 7, prompt: "P", title: "T" }, "P"],
    [{ shards: 4 }, '{"shards":4}'],
    [["a"], '["a"]'],
    [undefined, "null"],
  ])("about a graph's own interrupt %j says %j", (value, summary) => {
    expect(interruptRequest("t", "i", value)).toMatchObject({ summary, payload: value ?? null });
  });

  it("about an agent's question brings it with the call that asks, also one that is none", () => {
    const key = { threadId: "t", executionId: "e", taskId: "a", attempt: 2, turn: 3 };
    const asking = (input: never) =>
      questionRequest({ key, agent: "coder", call: { toolUseId: "toolu_1", name: "ask_human", input } });
    const place = { task: "a", agent: "coder", attempt: 2, turn: 3, call: "toolu_1" };
    const good = asking({ question: "Which?", options: ["a", "b"] } as never);
    expect(good).toMatchObject({ taskId: "a", summary: 'Task "a" (coder) asks: Which?' });
    expect(good.payload).toEqual({ ...place, question: "Which?", options: ["a", "b"] });
    expect(asking({ q: "Which?" } as never).payload).toEqual({ ...place, question: '{"q":"Which?"}' });
  });
});

describe("what was decided about a plan", () => {
  it.each([
    ["it is run as it is", { type: "approve" }, {}],
    ["without a reason it ends the run", { type: "reject", message: "" }, { verdict: "cancelled" }],
    ["with a reason another one is made", { type: "reject", message: "No." }, { feedback: "No." }],
    ["an edit takes its place", { type: "edit", args: {} }, { currentTasks: [planTask("new")] }],
  ] as const)("%s", async (_, decision, outcome) => {
    expect(await answeredPlan(decision, SCOPE)).toMatchObject(outcome);
    if (decision.type === "approve") expect(await answeredPlan(decision, SCOPE)).toEqual({});
  });
});

describe("what was decided about a result", () => {
  it.each([
    ["it stands", { type: "approve" }, { type: "stands" }],
    ["it is rejected", { type: "reject", message: "No." }, { type: "rejected", reason: "No." }],
    ["it is another text", { type: "edit", args: " New. " }, { type: "edited", output: "New." }],
    ["it is another output", { type: "edit", args: { output: "New." } }, { type: "edited", output: "New." }],
  ] as const)("%s", (_, decision, outcome) => {
    expect(answeredResult(decision)).toEqual(outcome);
  });

  it.each([
    ["result", { output: "x" }, { output: "New." }, [{}, " ", { output: "" }, 7]],
    ["tool", { tool: "Bash", args: {} }, { command: "ls" }, ["ls", null, 7]],
  ])("an edit of a %s must bring one; other answers need none", async (kind, payload, good, wrong) => {
    const asked = { id: `${kind}-1`, kind, payload };
    const check = (args: unknown) => kindOf(asked).check(asked, { type: "edit", args }, SCOPE);
    for (const args of wrong) {
      await expect(check(args)).rejects.toThrow(`The edit of ${kind}-1 must`);
    }
    await expect(check(good)).resolves.toBeUndefined();
    await expect(kindOf(asked).check(asked, { type: "approve" }, SCOPE)).resolves.toBeUndefined();
  });
});
