import { describe, expect, it } from "vitest";
import { isTerminal, THREAD_STATUSES, taskSchema, verdictOf } from "../../src/domain/task.ts";

describe("verdictOf", () => {
  it("calls a run completed only when every task completed", () => {
    expect(verdictOf(["completed", "completed"])).toBe("completed");
    expect(verdictOf(["completed", "blocked"])).toBe("partial");
    expect(verdictOf(["completed", "failed", "pending"])).toBe("partial");
    expect(verdictOf(["completed", "cancelled"])).toBe("partial");
  });

  it("calls a run in which nothing completed failed", () => {
    expect(verdictOf(["failed", "blocked"])).toBe("failed");
    expect(verdictOf(["pending"])).toBe("failed");
  });

  it("has nothing to hold against a run without tasks", () => {
    expect(verdictOf([])).toBe("completed");
  });
});

describe("isTerminal", () => {
  it("holds for the four ends and for nothing else", () => {
    expect(THREAD_STATUSES.filter(isTerminal)).toEqual(["completed", "partial", "failed", "cancelled"]);
  });
});

describe("taskSchema", () => {
  const task = { id: "a", agent: "x", description: "d", prompt: "p" };

  it("fills in that a task depends on nothing", () => {
    expect(taskSchema.parse(task).dependsOn).toEqual([]);
  });

  it("refuses keys that it does not know, so that a misspelled one is not lost", () => {
    expect(taskSchema.safeParse({ ...task, depends_on: ["b"] }).success).toBe(false);
  });
});
