import { describe, expect, it } from "vitest";
import { ODDITIES } from "../../src/simulator/scenario.ts";
import { useEngine } from "../support/engine.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const bad = (name: string, input: string, says: string) => [
  { json: { ...GOOD, summary: name }, when: { match: `^(?!bad)[^]*${says}`, said: name } },
  { text: name, tools: [{ name: "Glob", input }], when: { match: `^bad ${name}` } },
];

const testEngine = useEngine({
  environment: { BUDGET_USD: "20" },
  scenario: {
    faults: [
      ...ODDITIES.map((kind) => ({ kind, when: { match: `^odd ${kind}` } })),
      { kind: "other-reason" as const, when: { match: "^call in disguise" } },
      { kind: "blank-text" as const, when: { match: "^call in disguise" } },
    ],
    answers: [
      ...bad("half", '{"pattern": "*', "not readable as JSON"),
      ...bad("list", '["*"]', "not a JSON object"),
      ...bad("digits", '{"pattern": "*", "id": 12345678901234567890}', "as a string"),
      { tools: [{ name: "Glob", input: { pattern: "*" } }], when: { match: "^call in disguise" } },
      { json: GOOD },
    ],
  },
});
const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };
const task = (id: string, prompt: string) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [],
});

describe("an answer from an odd gateway", () => {
  it("is bought once and is as good as any other, whatever is odd about it", async () => {
    const { claude, run } = testEngine();
    const tasks = ODDITIES.map((kind) => task(kind, `odd ${kind}`));

    const report = await run({ input: "x", currentTasks: tasks }, OPTIONS);

    expect(report.tasks.map(({ id, status, attempts }) => ({ id, status, attempts }))).toEqual(
      tasks.map(({ id }) => ({ id, status: "completed", attempts: 1 })),
    );
    expect(claude.account().answers).toBe(tasks.length);
    expect(report.calls).toMatchObject({ paid: tasks.length, unknown: 2, failed: 0 });
    const notCounted = report.tasks.filter(({ id }) => id.endsWith("-usage"));
    expect(notCounted.every(({ costUsd }) => costUsd > 0)).toBe(true);
  });

  it("is answered by what it calls, and goes back as the API takes it", async () => {
    const report = await testEngine().run(
      { input: "x", currentTasks: [task("a", "call in disguise")] },
      OPTIONS,
    );

    expect(report.tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
    expect(report.calls).toMatchObject({ paid: 2, failed: 0 });
  });

  it("with an input that cannot be used gets an error for that call, in the same attempt", async () => {
    const tasks = ["half", "list", "digits"].map((name) => task(name, `bad ${name}`));

    const report = await testEngine().run({ input: "x", currentTasks: tasks }, OPTIONS);

    for (const { id, ...rest } of report.tasks) {
      expect(rest).toMatchObject({ status: "completed", summary: id, attempts: 1 });
    }
    expect(report.calls).toMatchObject({ paid: 6, failed: 0 });
  });
});
