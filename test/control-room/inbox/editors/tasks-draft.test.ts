import { describe, expect, it } from "vitest";
import {
  draftOf,
  tasksOf,
  withoutTask,
  withTask,
} from "../../../../src/control-room/inbox/editors/tasks-draft.ts";

const TASKS = [
  { id: "a", agent: "x", description: "A", prompt: "Do a.", dependsOn: [], model: null },
  { id: "b", agent: "y", description: "B", prompt: "Do b.", dependsOn: ["a"], model: "opus" },
  { id: "c", agent: "y", description: "C", prompt: "Do c.", dependsOn: ["a", "b"], model: null },
];
const shown = (tasks: typeof TASKS, rest = {}) => tasks.map((task) => ({ ...task, checks: [], rest }));
const draft = () => draftOf(shown(TASKS));

describe("a plan in the form", () => {
  it("that nobody touched is sent as it came, without the models that were not chosen", () => {
    const sent = TASKS.map(({ model, ...task }) => ({ ...task, ...(model !== null && { model }) }));
    expect(tasksOf(draft())).toEqual(sent);
  });

  it("keeps what the form does not show", () => {
    const validate = { command: "npm test" };
    const [task] = tasksOf(draftOf(shown(TASKS.slice(0, 1), { validate })));
    expect(task).toMatchObject({ id: "a", validate });
  });

  it("loses a task together with what others said of it", () => {
    const left = withoutTask(draft(), 0);
    expect(tasksOf(left).map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ["b", []],
      ["c", ["b"]],
    ]);
  });

  it("gains an empty task by the agent of the last one, which no other is mixed up with", () => {
    const more = withTask(withTask(withoutTask(draft(), 1)));
    expect(more.at(-1)).toMatchObject({ id: "", agent: "y" });
    expect(new Set(more.map(({ key }) => key)).size).toBe(more.length);
  });

  it("takes ids with spaces around them and empty ones between commas as people type them", () => {
    const [task] = draft();
    const typed = task ? [{ ...task, id: " a ", dependsOn: " b ,, c," }] : [];
    expect(tasksOf(typed)[0]).toMatchObject({ id: "a", dependsOn: ["b", "c"] });
  });
});
