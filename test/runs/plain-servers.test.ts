import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";

const IN_WORDS = "that satisfies this JSON schema";
const wrapped = (object: object) => `Here you are:\n\n${JSON.stringify(object)}\n\nAnything else?`;

const testEngine = useEngine({
  environment: { BUDGET_USD: "20" },
  scenario: {
    faults: [{ kind: "refused-field", fields: ["output_config", "cache_control"] }],
    answers: [
      { json: { output: "again" }, when: { match: "^Give this answer once more", system: IN_WORDS } },
      { text: "I have done it, and this is the work.", when: { match: "^prose", system: IN_WORDS } },
      {
        text: wrapped({ summary: "s", output: "wrapped", confidence: "95 %", emotionalState: { focus: 80 } }),
        when: { match: "^wrapped", system: IN_WORDS },
      },
    ],
  },
});
const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };
const task = (prompt: string) => ({
  id: prompt,
  agent: "sydney-coder",
  description: "d",
  prompt,
  dependsOn: [],
});

describe("a server without structured output and prompt cache", () => {
  it("is found out once, said once, and asked for JSON in words", async () => {
    const tasks = ["wrapped", "wrapped2", "wrapped3"].map(task);

    const report = await testEngine().run({ input: "x", currentTasks: tasks }, OPTIONS);

    for (const one of report.tasks) {
      expect(one).toMatchObject({ status: "completed", attempts: 1, output: "wrapped" });
    }
    const notes = report.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes.filter((note) => note.includes("no structured output"))).toHaveLength(1);
    expect(notes.filter((note) => note.includes("no prompt cache")).length).toBeLessThanOrEqual(1);
    expect(report.calls).toMatchObject({ paid: 3, failed: 0 });
  });

  it("that answers in prose is asked once more in the same conversation", async () => {
    const report = await testEngine().run({ input: "x", currentTasks: [task("prose")] }, OPTIONS);

    const [one] = report.tasks;
    expect(one).toMatchObject({ status: "completed", attempts: 1, output: "again", summary: "again" });
    expect(report.calls).toMatchObject({ paid: 2 });
  });
});
