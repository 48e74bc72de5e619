import { describe, expect, it } from "vitest";
import { useEngine } from "../support/engine.ts";

const output = `First:
\`\`\`json
{ "agent": "sydney-coder", "status": "designing", "progress": { "done": 40 } }
\`\`\`
Then: {"requesting_agent": "sydney-coder", "request_type": "get_context", "payload": {"query": "Which?"}}`;
const testEngine = useEngine({
  scenario: { answers: [{ json: { summary: "s", output, confidence: 1, emotionalState: {} } }] },
});

describe("blocks in what an agent writes", () => {
  it("become progress and a note while it writes, and stay in its answer", async () => {
    const task = { id: "a", agent: "sydney-coder", description: "a", prompt: "x", dependsOn: [] };

    const report = await testEngine().run(
      { input: "x", currentTasks: [task] },
      { autoApprove: ["plan"], synthesis: false },
    );

    expect(report.status).toBe("completed");
    expect(report.tasks[0]?.output).toBe(output);
    const told = report.events.filter(({ type }) => type === "progress" || type === "note");
    expect(told).toEqual([
      { type: "progress", phase: "agents", taskId: "a", status: "designing", progress: { done: 40 } },
      { type: "note", phase: "agents", taskId: "a", text: expect.stringContaining("(get_context)") },
    ]);
  });
});
