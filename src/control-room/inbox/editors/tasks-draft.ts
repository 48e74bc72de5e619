import type { ShownTask } from "../../../server/api-types.ts";

/** A task in the form: all fields are text. */
export interface TaskDraft {
  /** Stays the same while a person types the id. */
  readonly key: number;
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  /** Ids, separated by commas. */
  readonly dependsOn: string;
  readonly model: string;
  /** Fields that the form does not show. An edit keeps them. */
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

/** The draft with one more task, for the same agent as the last one. */
export function withTask(draft: readonly TaskDraft[]): TaskDraft[] {
  const key = Math.max(-1, ...draft.map((task) => task.key)) + 1;
  const agent = draft.at(-1)?.agent ?? "";
  return [...draft, { key, id: "", agent, description: "", prompt: "", dependsOn: "", model: "", rest: {} }];
}

/** The draft without a task, and without dependencies on it. */
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

/** The tasks of the plan to send. The server checks them and names all problems together. */
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
