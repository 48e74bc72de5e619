import type { ShownTask } from "../../../server/api-types.ts";

/** A task of a plan while a person edits it: all of it text, as in the form. */
export interface TaskDraft {
  /** Stays the same while its id is typed. */
  readonly key: number;
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  /** Ids, parted by commas. */
  readonly dependsOn: string;
  readonly model: string;
  /** What the form does not show and an edit must not lose. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export function draftOf(tasks: readonly ShownTask[]): TaskDraft[] {
  return tasks.map(({ dependsOn, model, checks: _, ...task }, key) => ({
    ...task,
    key,
    dependsOn: dependsOn.join(", "),
    model: model ?? "",
  }));
}

/** The draft with one more task, by the agent of the last one. */
export function withTask(draft: readonly TaskDraft[]): TaskDraft[] {
  const key = Math.max(-1, ...draft.map((task) => task.key)) + 1;
  const agent = draft.at(-1)?.agent ?? "";
  return [...draft, { key, id: "", agent, description: "", prompt: "", dependsOn: "", model: "", rest: {} }];
}

/** The draft without a task, and without what others said of it. */
export function withoutTask(draft: readonly TaskDraft[], key: number): TaskDraft[] {
  const id = draft.find((task) => task.key === key)?.id.trim();
  return draft
    .filter((task) => task.key !== key)
    .map((task) => {
      const ids = idsIn(task.dependsOn);
      return ids.includes(id ?? "")
        ? { ...task, dependsOn: ids.filter((one) => one !== id).join(", ") }
        : task;
    });
}

/** What is sent: the tasks as a plan has them. What is wrong with them the server says, all at once. */
export function tasksOf(draft: readonly TaskDraft[]): Record<string, unknown>[] {
  return draft.map(({ id, agent, description, prompt, dependsOn, model, rest }) => ({
    ...rest,
    id: id.trim(),
    agent: agent.trim(),
    description: description.trim(),
    prompt: prompt.trim(),
    dependsOn: idsIn(dependsOn),
    ...(model.trim() !== "" && { model: model.trim() }),
  }));
}

function idsIn(text: string): string[] {
  return text
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
}
