import { describe, expect, it } from "vitest";
import { distinctTasks, haveSeveralNodes } from "../../../src/control-room/data/distinct-tasks.ts";
import { mergeTasks } from "../../../src/control-room/data/merge.ts";
import { aTask } from "../../support/control-room/data.ts";

const write = aTask("one", { execution: "write" });
const other = aTask("other", { execution: "write" });
const review = aTask("one", { execution: "review" });
const last = aTask("last", { execution: "review", dependsOn: ["one"] });

describe("tasks of several nodes", () => {
  it("are named after their node where they have the same id, and so is what depends on them", () => {
    const [first, same, second, after] = distinctTasks([write, other, review, last]);
    expect([first?.id, second?.id]).toEqual(["write/one", "review/one"]);
    expect(same).toBe(other);
    expect(after).toEqual({ ...last, dependsOn: ["review/one"] });
  });

  it("stay as they are where their ids differ", () => {
    const tasks = [write, last];
    expect(distinctTasks(tasks)).toBe(tasks);
    expect([haveSeveralNodes(tasks), haveSeveralNodes([write, other])]).toEqual([true, false]);
  });

  it("change in their place, each by its node and its id", () => {
    const changed = aTask("one", { execution: "review", status: "running" });
    expect(mergeTasks([write, review], [changed])).toEqual([write, changed]);
  });
});
