import { describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  environment: { BUDGET_USD: "5", MODEL_MAP: "gpt-4=opus" },
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

describe("an agent's model", () => {
  const options = { autoApprove: ["plan" as const], synthesis: false };
  const plan = (agent: string) => ({
    input: "x",
    currentTasks: [{ id: "a", agent, description: "a", prompt: "a piece of work", dependsOn: [] }],
  });

  it("that another stands in for is that one", async () => {
    const agentsDir = await folderWith({ "old.md": agentFile("old", "model: GPT-4\n") });
    const { tasks } = await testEngine().run(plan("old"), { ...options, agentsDir });
    expect(tasks[0]).toMatchObject({ status: "completed", model: "claude-opus-5-5" });
  });

  it("that is unknown is one clear error before anything is paid for", async () => {
    const agentsDir = await folderWith({ "odd.md": agentFile("odd", "model: gpt-9\n") });
    await expect(testEngine().run(plan("odd"), { ...options, agentsDir })).rejects.toThrow(
      /^Model "gpt-9" of agent "odd" is unknown: use one of haiku, .*MODEL_MAP/,
    );
  });
});
