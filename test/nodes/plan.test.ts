import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/domain/config.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { parsePrices } from "../../src/domain/price.ts";
import { DRIVERS } from "../../src/drivers/drivers.ts";
import type { AgentScope } from "../../src/nodes/agent-scope.ts";
import { editedPlan } from "../../src/nodes/approve-plan.ts";
import { agentsFor, inputOf, tasksOfMentions, trustedPlan } from "../../src/nodes/plan.ts";
import type { WorkflowState } from "../../src/nodes/state.ts";
import { openScope } from "../../src/runs/agent-scope.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { PACKAGE_FOLDER } from "../support/engine.ts";

let scope: AgentScope;
beforeAll(async () => {
  const folders = { package: PACKAGE_FOLDER, project: PACKAGE_FOLDER, user: undefined };
  const parts = { config: parseConfig({}), folders, prices: parsePrices(), drivers: DRIVERS };
  scope = (await openScope(parts, {})).scope;
});

describe("tasksOfMentions", () => {
  it("makes a task of each mention, several of one agent too", () => {
    const tasks = tasksOfMentions(
      scope,
      "@sydney-research find it @sydney-coder do it @sydney-coder test it",
    );

    expect(tasks?.map(({ id, agent }) => [id, agent])).toEqual([
      ["sydney-research", "sydney-research"],
      ["sydney-coder", "sydney-coder"],
      ["sydney-coder-2", "sydney-coder"],
    ]);
    expect(tasks?.map((task) => task.prompt)).toEqual([
      expect.stringContaining("find it"),
      expect.stringContaining("do it"),
      expect.stringContaining("test it"),
    ]);
    expect(tasks?.[0]?.prompt).not.toContain("do it");
  });

  it("leaves an input without mentions to the planner", () => {
    expect(tasksOfMentions(scope, "Write to me@example.com about it")).toBeUndefined();
  });

  it.each([
    ["an agent nobody knows", "@sydney-resaerch find it", /sydney-resaerch/],
    ["a mention that nothing follows", "@sydney-coder", /Nothing follows @sydney-coder/],
  ])("refuses %s", (_, input, says) => {
    expect(() => tasksOfMentions(scope, input)).toThrow(UsageError);
    expect(() => tasksOfMentions(scope, input)).toThrow(says);
  });
});

describe("trustedPlan", () => {
  it("takes only agents and models that there are", () => {
    const task = { id: "a", agent: "sydney-coder", prompt: "x" };

    expect(trustedPlan(scope, { tasks: [{ ...task, model: "opus" }] })).toHaveLength(1);
    expect(() => trustedPlan(scope, { tasks: [{ ...task, model: "gpt-9" }] })).toThrow(/gpt-9/);
    expect(() => trustedPlan(scope, { tasks: [{ ...task, agent: "nobody" }] })).toThrow(/nobody/);
  });
});

describe("a task without an agent", () => {
  it.each([
    ["Implement the parser and fix its bugs", "sydney-coder"],
    ["Find out what others say, and compare the sources", "sydney-research"],
    ["Plan and synthesize, split the request into tasks", expect.not.stringMatching("sydney-orchestrator")],
  ])("%s goes to %s", (prompt, agent) => {
    expect(trustedPlan(scope, { tasks: [{ id: "a", prompt }] })).toMatchObject([{ agent }]);
    expect(editedPlan(scope, [{ id: "a", prompt }])).toMatchObject([{ agent }]);
  });
});

describe("the agents that Claude may plan with", () => {
  it("are all but the orchestrator, and of hundreds those that the request fits best", async () => {
    expect(agentsFor("anything", scope).map(({ name }) => name)).toEqual(
      ["coder", "research", "validator", "whisper"].map((name) => `sydney-${name}`),
    );
    const cooks = Array.from({ length: 200 }, (_, index) => [`c${index}.md`, agentFile(`cook-${index}`)]);
    const smith = agentFile("smith").replace("Does smith things.", "Forges horseshoes.");
    const agentsDir = await folderWith({ ...Object.fromEntries(cooks), "smith.md": smith });
    const folders = { package: PACKAGE_FOLDER, project: PACKAGE_FOLDER, user: undefined };
    const parts = { config: parseConfig({}), folders, prices: parsePrices(), drivers: DRIVERS };
    const { scope: many } = await openScope(parts, { agentsDir });
    const offered = agentsFor("Forge a horseshoe", many).map(({ name }) => name);
    expect(offered).toHaveLength(40);
    expect(offered).toContain("smith");
  });
});

describe("editedPlan", () => {
  const task = { id: "a", agent: "sydney-coder", description: "d", prompt: "x", dependsOn: [] };

  it.each([
    ["the tasks", [{ ...task, model: null }]],
    ["the whole plan", { tasks: [task] }],
  ])("may be %s, with no choice of a model as null", (_, args) => {
    expect(editedPlan(scope, args)).toEqual([task]);
  });

  it.each([
    ["nothing", null],
    ["a word", "yes"],
    ["no tasks", []],
  ])("may not be %s", (_, args) => {
    expect(() => editedPlan(scope, args)).toThrow(UsageError);
  });
});

describe("inputOf", () => {
  const state = { input: "", messages: [] } as unknown as WorkflowState;

  it("is the input, without blank space around it", () => {
    expect(inputOf({ ...state, input: "  do it \n" })).toBe("do it");
    expect(inputOf(state)).toBe("");
  });
});
