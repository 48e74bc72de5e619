import { describe, expect, it } from "vitest";
import { drawWorkflow } from "../../../../src/control-room/thread/graph/draw-workflow.ts";
import { stageElements, TaskNodes, taskEdges } from "../../../../src/control-room/thread/graph/elements.ts";
import { layoutTasks } from "../../../../src/control-room/thread/graph/layout-tasks.ts";
import { aTask, ORCHESTRATE } from "../../../support/control-room/data.ts";

const TASKS = [aTask("a"), aTask("b"), aTask("c", { wave: 1, dependsOn: ["a", "b", "a", "gone"] })];
const placement = layoutTasks(TASKS);
const drawing = drawWorkflow(ORCHESTRATE, placement);
const view = { selected: null, onSelect: () => undefined };

describe("the boxes of tasks", () => {
  it("are the very same objects until their task, place or selection changes", () => {
    const nodes = new TaskNodes();
    const before = nodes.nodesOf(TASKS, placement, drawing, view);
    const changed = TASKS.map((task) => (task.id === "b" ? { ...task, costUsd: 1 } : task));
    const after = nodes.nodesOf(changed, placement, drawing, view);
    expect(after.map((node, index) => node === before[index])).toEqual([true, false, true]);

    const selected = nodes.nodesOf(changed, placement, drawing, { ...view, selected: "c" });
    expect(selected.map((node, index) => node === after[index])).toEqual([true, true, false]);

    const moved = nodes.nodesOf(changed, placement, { tasksAt: { x: 1, y: 1 } }, { ...view, selected: "c" });
    expect(moved.filter((node, index) => node === selected[index])).toEqual([]);
  });
});

describe("the edges", () => {
  it("lead from each task once to what waits for it, and from none that is not there", () => {
    expect(taskEdges(TASKS).map(({ source, target }) => [source, target])).toEqual([
      ["task a", "task c"],
      ["task b", "task c"],
    ]);
  });

  it("begin and end at places which their boxes have", () => {
    const { nodes, edges } = stageElements(drawing, new Map());
    const all = [...nodes, ...new TaskNodes().nodesOf(TASKS, placement, drawing, view)];
    const handlesOf = (id: string, type: string) =>
      all
        .find((node) => node.id === id)
        ?.handles?.filter((one) => one.type === type)
        .map((one) => one.id);
    for (const { source, target, sourceHandle, targetHandle } of [...edges, ...taskEdges(TASKS)]) {
      expect(handlesOf(source, "source")).toContain(sourceHandle);
      expect(handlesOf(target, "target")).toContain(targetHandle);
    }
    expect(edges.length).toBeGreaterThan(8);
  });
});
