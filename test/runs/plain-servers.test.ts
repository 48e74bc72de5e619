import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";

const IN_WORDS = "that satisfies this JSON schema";
const wrapped = (object: object) => `Here you are:\n\n${JSON.stringify(object)}\n\nAnything else?`;

const testEngine = useEngine({
  environment: { BUDGET_USD: "20" },
  scenario: {
    faults: [{ kind: "refused-field", fields: ["output_config", "cache_control"] }],
    answers: [
      { text: wrapped({ passes: true, reason: "" }), when: { match: "^Validate", system: IN_WORDS } },
      { text: "The work, given again.", when: { match: "^Give this answer once more" } },
      { text: "", when: { match: "^wordless" } },
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
    const validate = { agent: "sydney-validator" };
    const tasks = ["one", "two", "three"].map((prompt) => ({ ...task(prompt), validate }));

    const report = await testEngine().run({ input: "x", currentTasks: tasks }, OPTIONS);

    for (const one of report.tasks) expect(one).toMatchObject({ status: "completed", attempts: 1 });
    const notes = report.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
    expect(notes.filter((note) => note.includes("no structured output"))).toHaveLength(1);
    expect(notes.filter((note) => note.includes("no prompt cache")).length).toBeLessThanOrEqual(1);
    expect(report.calls).toMatchObject({ paid: 6, failed: 0 });
  });
});

it("an answer without any text is asked for once more in the same conversation", async () => {
  const report = await testEngine().run({ input: "x", currentTasks: [task("wordless")] }, OPTIONS);

  const output = "The work, given again.";
  expect(report.tasks[0]).toMatchObject({ status: "completed", attempts: 1, output, summary: output });
  expect(report.calls).toMatchObject({ paid: 2 });
});
