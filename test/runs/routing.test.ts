import { describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const planned = [
  { id: "cook", description: "Cook", prompt: "Cook a soup of lentils.", dependsOn: [] },
  { id: "named", agent: "sydney-coder", description: "Cook", prompt: "Cook a soup too.", dependsOn: [] },
];
const testEngine = useEngine({
  environment: { BUDGET_USD: "5" },
  scenario: { answers: [{ json: { tasks: planned }, when: { match: "a plan without agents" } }] },
});

describe("a task without an agent", () => {
  const chef = agentFile("chef").replace("Does chef things.", "Cooks soups and stews.");

  it.each([
    ["of a plan that is given", { input: "x", currentTasks: planned }],
    ["of a plan that Claude makes", { input: "a plan without agents" }],
  ])("%s goes to the best match, and the report says to whom", async (_, input) => {
    const agentsDir = await folderWith({ "chef.md": chef });

    const report = await testEngine().run(input, { agentsDir, autoApprove: ["plan"], synthesis: false });

    expect(report.status).toBe("completed");
    const agents = Object.fromEntries(report.tasks.map(({ id, agent }) => [id, agent]));
    expect(agents).toEqual({ cook: "chef", named: "sydney-coder" });
    const event = report.events.find(({ type }) => type === "planned");
    expect(event).toMatchObject({ tasks: [{ id: "cook", agent: "chef" }, { id: "named" }] });
  });
});
