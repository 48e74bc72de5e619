import { describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  environment: { BUDGET_USD: "5" },
  scenario: { answers: [{ text: "And on. ", pause: true, when: { match: "without end" } }] },
});

describe("an agent's maxTurns", () => {
  it("ends each of its attempts after as many turns, and says so", async () => {
    const agentsDir = await folderWith({ "brief.md": agentFile("brief", "maxTurns: 2\n") });
    const task = { id: "a", agent: "brief", description: "a", prompt: "work without end", dependsOn: [] };

    const report = await testEngine().run(
      { input: "x", currentTasks: [task] },
      { agentsDir, autoApprove: ["plan"], synthesis: false, escalation: false },
    );

    expect(report.status).toBe("waiting");
    expect(report.tasks[0]).toMatchObject({ attempts: 5, error: expect.stringContaining("after 2 turns") });
    expect(report.calls.paid).toBe(10);
  });
});
