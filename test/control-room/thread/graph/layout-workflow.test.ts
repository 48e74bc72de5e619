import { describe, expect, it } from "vitest";
import { layoutWorkflow } from "../../../../src/control-room/thread/graph/layout-workflow.ts";

const nodes = (...ids: string[]) => ids.map((id) => ({ id }));
const edges = (...pairs: string[]) =>
  pairs.map((pair) => {
    const [source = "", target = ""] = pair.split(" ");
    return { source, target };
  });

describe("the drawing of a workflow", () => {
  it("has the way in which all goes well in one row, and the rest below what it belongs to", () => {
    const cells = layoutWorkflow({
      nodes: nodes("__start__", "plan", "approve", "agents", "budget", "answer", "__end__"),
      edges: edges(
        ...[
          "__start__ plan",
          "plan approve",
          "plan budget",
          "budget plan",
          "budget answer",
          "budget __end__",
        ],
        ...[
          "approve agents",
          "approve plan",
          "approve __end__",
          "agents answer",
          "answer __end__",
          "answer budget",
        ],
      ),
    });
    const top = ["__start__", "plan", "approve", "agents", "answer", "__end__"];
    expect(top.map((id) => cells.get(id))).toEqual(top.map((_, column) => ({ column, row: 0 })));
    expect(cells.get("budget")).toMatchObject({ row: 1 });
  });

  it("never puts two nodes into one place, and ends although the graph runs in circles", () => {
    const cells = layoutWorkflow({
      nodes: nodes("__start__", "a", "b", "x", "y", "z"),
      edges: edges("__start__ a", "a b", "b a", "a x", "x b", "a y", "y b", "z z"),
    });
    const places = [...cells.values()].map(({ column, row }) => `${column} ${row}`);
    expect(new Set(places).size).toBe(6);
  });
});
