import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";
import { NO_END, TAKEN } from "../support/no-end.ts";

const plan = (agent: string, count = 2) => ({
  tasks: Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    agent,
    description: `part ${index}`,
    prompt: `Do part ${index}.`,
    dependsOn: [],
  })),
});
const testEngine = useEngine({
  scenario: {
    faults: [
      { kind: "refusal", when: { match: "^(?!Synthesize)[^]*REFUSED-PLAN" } },
      { kind: "refusal", when: { match: "^Synthesize[^]*REFUSED-ANSWER" } },
      { status: 400, message: "not today", when: { match: "^Synthesize[^]*BROKEN-ANSWER" } },
    ],
    answers: [
      { json: plan("nobody"), when: { match: "^(?!Synthesize|Do part)[^]*NEVER-RIGHT" } },
      { json: plan("nobody"), when: { match: "^(?!Synthesize|Do part)[^]*SECOND-TIME", times: 1 } },
      { text: "I would rather not.", when: { match: "^(?!Synthesize|Do part)[^]*NO-JSON" } },
      {
        text: `Sure:\n\`\`\`json\n${JSON.stringify(plan("sydney-coder"))}\n\`\`\``,
        when: { match: "^(?!Synthesize|Do part)[^]*FENCED" },
      },
      { json: plan("sydney-coder"), when: { match: "^(?!Synthesize|Do part)[^]*(SECOND-TIME|-ANSWER)" } },
      { text: NO_END, cut: "answer", when: { match: "^Synthesize[^]*LONG-ANSWER|^Your previous response" } },
      { text: "The joined answer, at length.", when: { match: "^Synthesize" } },
    ],
  },
});
const run = (input: string) => testEngine().run({ input }, { autoApprove: ["plan"] });

describe("a plan by Claude", () => {
  it("that cannot be run is asked for again, with what was wrong, and each answer is paid for", async () => {
    const report = await run("SECOND-TIME lucky");

    expect(report.status).toBe("completed");
    expect(report.tasks.map((task) => task.agent)).toEqual(["sydney-coder", "sydney-coder"]);
    const { rows } = await testEngine().engine.database.pool.query(
      "SELECT attempt FROM claude_calls WHERE thread_id = $1 AND phase = 'plan' ORDER BY attempt",
      [report.thread],
    );
    expect(rows).toEqual([{ attempt: 1 }, { attempt: 2 }]);
  });

  it.each([
    ["that never can", "NEVER-RIGHT", /no valid plan in 3 attempts\..*nobody/],
    ["that is none", "NO-JSON", /no valid plan in 3 attempts/],
    ["that is refused", "REFUSED-PLAN", /refused to plan/],
  ])("%s fails the run and says why, and no agent runs", async (_, input, why) => {
    const { claude } = testEngine();
    claude.reset();

    const report = await run(input);

    expect(report).toMatchObject({ status: "failed", output: null, tasks: [] });
    expect(report.error).toMatch(why);
    expect(claude.account().answers).toBe(3);
  });

  it("is read out of prose and a fence, as servers without structured output send it", async () => {
    expect(await run("FENCED please")).toMatchObject({
      status: "completed",
      tasks: [{ id: "t0" }, { id: "t1" }],
    });
  });
});

describe("a synthesis", () => {
  it("is the answer of the run", async () => {
    const report = await run("GOOD-ANSWER please");
    expect(report).toMatchObject({ status: "completed", output: "The joined answer, at length." });
  });

  it.each([
    ["that is refused", "REFUSED-ANSWER", /did not synthesize/],
    ["that cannot be had", "BROKEN-ANSWER", /could not be synthesized.*not today/],
  ])("%s leaves the results as the answer: what was paid for is not lost", async (_, input, why) => {
    const report = await run(input);

    expect(report.status).toBe("partial");
    expect(report.error).toMatch(why);
    expect(report.output).toContain("## t0 (sydney-coder)");
    expect(report.output).toContain("## t1 (sydney-coder)");
    expect(report.tasks.map((task) => task.status)).toEqual(["completed", "completed"]);
  });

  it("that is cut off for good is never completed silently", async () => {
    const report = await run("LONG-ANSWER please");
    expect(report).toMatchObject({ status: "partial", output: TAKEN });
    expect(report.error).toMatch(/cut off/);
  });

  it("of one task is that task's own output, and costs nothing", async () => {
    const report = await run("@sydney-coder Write it down");
    expect(report.output).toBe(report.tasks[0]?.output);
    expect(report.calls.paid).toBe(1);
  });
});
