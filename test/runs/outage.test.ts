import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";

const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };
const tasks = (prompt: string) =>
  [1, 2, 3, 4].map((n) => ({ id: `t${n}`, agent: "sydney-coder", description: "d", prompt, dependsOn: [] }));

const shortOutage = { status: 529, when: { match: "^down for a moment", forMs: 1200 } };
const longOutage = { status: 503, when: { match: "^down for long" } };

const testEngine = useEngine({
  environment: { BUDGET_USD: "20", OUTAGE_MINUTES: "0.05" },
  scenario: { faults: [shortOutage, longOutage] },
});

describe("an outage of Claude", () => {
  it("is waited out with one line of news and one call at a time, and costs no attempt and no question", async () => {
    const { run, claude } = testEngine();

    const report = await run({ input: "x", currentTasks: tasks("down for a moment") }, OPTIONS);

    expect(report.tasks.map(({ status, attempts }) => ({ status, attempts }))).toEqual(
      tasks("").map(() => ({ status: "completed", attempts: 1 })),
    );
    expect(report.waiting).toEqual([]);
    const notes = report.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes.filter((note) => note.includes("one call at a time"))).toHaveLength(1);
    expect(notes).toHaveLength(1);
    expect(claude.account().faults["529"]).toBeLessThanOrEqual(4 + 3);
  });

  it("that lasts is one question for all tasks, by its own name", async () => {
    const report = await testEngine().run({ input: "x", currentTasks: tasks("down for long") }, OPTIONS);

    expect(report).toMatchObject({ status: "waiting", costUsd: 0 });
    expect(report.tasks.map(({ status }) => status)).toEqual(tasks("").map(() => "waiting"));
    expect(report.waiting).toHaveLength(1);
    expect(report.waiting[0]?.summary).toMatch(/^Claude could not be reached for .*503/);
  });
});
