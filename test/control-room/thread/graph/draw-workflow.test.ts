import { describe, expect, it } from "vitest";
import { drawWorkflow, type Stage } from "../../../../src/control-room/thread/graph/draw-workflow.ts";
import { stageStatuses } from "../../../../src/control-room/thread/graph/stage-status.ts";
import { ORCHESTRATE } from "../../../support/control-room/data.ts";

const TASKS = { width: 900, height: 400 };
const overlap = (a: Stage, b: Stage) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe("the drawing of orchestrate around its tasks", () => {
  const { stages, edges, tasksAt, box } = drawWorkflow(ORCHESTRATE, TASKS);

  it("shows the subgraph as one stage, and the tasks in a box below it that holds them all", () => {
    expect(stages.filter(({ id }) => id.startsWith("claude_executor"))).toHaveLength(1);
    expect(box).toMatchObject({ owner: "claude_executor" });
    const { x = 0, y = 0, width = 0, height = 0 } = box ?? {};
    expect(y).toBeGreaterThan(Math.max(...stages.map((stage) => stage.y + stage.height)));
    expect(tasksAt.x).toBeGreaterThan(x);
    expect(tasksAt.x + TASKS.width).toBeLessThan(x + width);
    expect(tasksAt.y + TASKS.height).toBeLessThan(y + height);
  });

  it("has no two boxes in one place", () => {
    for (const one of stages)
      expect(stages.filter((other) => other !== one && overlap(one, other))).toEqual([]);
  });

  it("leads detours over all that they pass", () => {
    const ended = edges.find(({ id }) => id === "approve to __end__");
    expect(ended?.kind).toBe("detour");
    expect(ended?.top).toBeLessThan(Math.min(...stages.map(({ y }) => y)));
    expect(edges.find(({ id }) => id === "plan to budget")?.kind).toBe("side");
    expect(edges.find(({ id }) => id === "claude_executor to synthesize")?.kind).toBe("next");
  });

  it("puts the tasks of a graph without a subgraph below it, too", () => {
    const plain = drawWorkflow(
      { ...ORCHESTRATE, nodes: ORCHESTRATE.nodes.filter(({ group }) => !group) },
      TASKS,
    );
    expect(plain.box).toMatchObject({ owner: null, y: box?.y });
  });

  it("has no box while there is no plan", () => {
    expect(drawWorkflow(ORCHESTRATE, { width: 0, height: 0 }).box).toBeNull();
  });

  it("draws the tasks alone while the graph is not known", () => {
    expect(drawWorkflow({ name: "", nodes: [], edges: [] }, TASKS)).toMatchObject({ stages: [], edges: [] });
  });

  it("lights what comes next, and what was passed before it", () => {
    const running = { status: "running" } as const;
    const at = (next: string[], thread: Parameters<typeof stageStatuses>[2]) =>
      Object.fromEntries(stageStatuses(stages, next, thread));
    expect(at(["claude_executor"], running)).toMatchObject({
      plan: "completed",
      approve: "completed",
      claude_executor: "running",
      synthesize: "pending",
      budget: "pending",
    });
    expect(at(["approve"], { status: "waiting" })).toMatchObject({
      approve: "waiting",
      plan: "completed",
    });
    expect(at(["budget"], running)).toMatchObject({ budget: "running", plan: "pending" });
    expect(at(["plan"], { status: "stopped" })).toMatchObject({ plan: "pending" });
    expect(at([], { status: "partial" })).toMatchObject({
      __end__: "completed",
      budget: "pending",
    });
    expect(at([], { status: "failed" })).toMatchObject({ synthesize: "pending" });
  });
});
