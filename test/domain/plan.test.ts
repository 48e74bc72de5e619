import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { dependantsOf, findCycles, MAX_TASKS, parsePlan, wavesOf } from "../../src/domain/plan.ts";
import type { Task } from "../../src/domain/task.ts";

const AGENTS = new Set(["coder", "research"]);

function task(id: string, dependsOn: string[] = [], rest: Partial<Task> = {}): Task {
  return { id, agent: "coder", description: `do ${id}`, prompt: `Do ${id}.`, dependsOn, ...rest };
}

function problemsOf(plan: unknown): string {
  try {
    parsePlan(plan, AGENTS);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "";
}

describe("parsePlan", () => {
  it("returns the tasks of a plan that can be run", () => {
    const tasks = [task("a"), task("b", ["a"], { model: "haiku" })];
    expect(parsePlan({ tasks }, AGENTS)).toEqual(tasks);
  });

  it("accepts the bare list of tasks", () => {
    expect(parsePlan([task("a")], AGENTS)).toEqual([task("a")]);
  });

  it("lets the description stand in for a missing prompt and the other way round", () => {
    const [a, b] = parsePlan(
      [
        { id: "a", agent: "coder", description: "write it" },
        { id: "b", agent: "coder", prompt: `Write\n  it ${"again ".repeat(40)}` },
      ],
      AGENTS,
    );
    expect(a).toEqual({
      id: "a",
      agent: "coder",
      description: "write it",
      prompt: "write it",
      dependsOn: [],
    });
    expect(b?.description).toHaveLength(80);
    expect(b?.description).toMatch(/^Write it again/);
  });

  it("gives a task without an agent to the one that the router finds for its words", () => {
    const asked: string[] = [];
    const route = (text: string) => {
      asked.push(text);
      return "research";
    };
    const plan = [
      { id: "a", description: "Find", prompt: "Find it." },
      { id: "b", agent: null, prompt: "b" },
      { id: "c", agent: "  ", prompt: "c" },
      { id: "d", agent: "coder", prompt: "Find it too." },
    ];
    const tasks = parsePlan(plan, AGENTS, false, route);
    expect(tasks.map((task) => task.agent)).toEqual(["research", "research", "research", "coder"]);
    expect(asked[0]).toBe("Find\nFind it.");
    expect(asked).toHaveLength(3);
  });

  it("refuses a task without an agent where nobody can be found for it", () => {
    expect(problemsOf([{ id: "a", prompt: "p" }])).toContain(
      'task "a" names no agent (known: coder, research)',
    );
  });

  it("says what is wrong in one sentence, with the known agents once", () => {
    const chef = { agent: "chef" };
    expect(problemsOf([task("a", [], chef), task("b", [], chef)])).toBe(
      'The plan cannot be run: task "a" names the unknown agent "chef" (known: coder, research); task "b" names the unknown agent "chef".',
    );
  });

  it("names a cycle, an unknown dependency, a duplicate id and an unknown agent all at once", () => {
    const message = problemsOf({
      tasks: [
        task("a", ["c"]),
        task("c", ["a"]),
        task("d", ["nowhere"]),
        task("d"),
        task("e", [], { agent: "chef" }),
      ],
    });
    expect(message).toContain('task id "d" is used more than once');
    expect(message).toContain('task "e" names the unknown agent "chef" (known: coder, research)');
    expect(message).toContain('task "d" depends on the unknown task "nowhere"');
    expect(message).toContain("tasks depend on each other in a cycle: a → c → a");
    expect(message).toMatch(/^The plan cannot be run: [^\n]*\.$/);
  });

  it.each([
    [{ tasks: [] }, "it has no tasks"],
    [{}, "tasks: "],
    [null, "the plan: "],
    ["tasks", "the plan: "],
    [{ tasks: [{ agent: "coder", prompt: "p" }] }, "tasks[0].id: "],
    [{ tasks: [task(" ")] }, "tasks[0].id: is empty"],
    [{ tasks: [task("x".repeat(121))] }, "tasks[0].id: is longer than 120 characters"],
    [{ tasks: [{ id: "a", agent: "coder" }] }, 'task "a" has no prompt'],
    [{ tasks: [{ ...task("a"), depends: ["b"] }] }, "tasks[0]: "],
    [{ tasks: [{ ...task("a"), dependsOn: "b" }] }, "tasks[0].dependsOn: "],
    [{ tasks: [], extra: 1 }, "the plan: "],
  ])("refuses %j", (plan, problem) => {
    expect(problemsOf(plan)).toContain(problem);
  });

  it("refuses more tasks than the executor is measured for", () => {
    const tasks = Array.from({ length: MAX_TASKS + 1 }, (_, index) => task(`t${index}`));
    expect(problemsOf({ tasks })).toContain("it has 10001 tasks, the limit is 10000");
  });

  it("stays readable when everything is wrong", () => {
    const tasks = Array.from({ length: 500 }, (_, index) => task(`t${index}`, [`missing-${index}`]));
    expect(problemsOf({ tasks })).toMatch(/; and 480 more\.$/);
  });
});

describe("findCycles", () => {
  it("finds one cycle for each knot, and a task that waits for itself", () => {
    const cycles = findCycles([
      task("a", ["a"]),
      task("b", ["c"]),
      task("c", ["d"]),
      task("d", ["b"]),
      task("e", ["b"]),
    ]);
    expect(cycles).toEqual([
      ["a", "a"],
      ["b", "c", "d", "b"],
    ]);
  });

  it("finds one behind any dependency, without the tasks that only lead to it", () => {
    const tasks = [task("a", ["x", "b"]), task("x"), task("b", ["x", "c"]), task("c", ["b"])];
    expect(findCycles(tasks)).toEqual([["b", "c", "b"]]);
  });

  it("finds none in a diamond", () => {
    expect(findCycles([task("a"), task("b", ["a"]), task("c", ["a"]), task("d", ["b", "c"])])).toEqual([]);
  });

  it("does not exhaust the stack on a chain of ten thousand", () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => task(`t${i}`, i < 9_999 ? [`t${i + 1}`] : []));
    expect(findCycles(chain)).toEqual([]);
    expect(findCycles([...chain.slice(0, -1), task("t9999", ["t0"])])[0]).toHaveLength(10_001);
  });
});

describe("wavesOf", () => {
  it("is a task's depth: one more than its deepest dependency", () => {
    const tasks = [
      task("d", ["b", "c"]),
      task("a"),
      task("b", ["a"]),
      task("c", ["b"]),
      task("e", ["a", "a"]),
    ];
    expect(Object.fromEntries(wavesOf(tasks))).toEqual({ a: 0, b: 1, c: 2, d: 3, e: 1 });
  });
});

describe("dependantsOf", () => {
  it("names each waiting task once, however often it names its dependency", () => {
    const tasks = [task("a"), task("b", ["a", "a"]), task("c", ["a"])];
    expect(Object.fromEntries(dependantsOf(tasks))).toEqual({ a: ["b", "c"] });
  });
});
