import type { Task } from "../../src/domain/task.ts";

/** A task of a plan. */
export function planTask(id: string, dependsOn: string[] = []): Task {
  return { id, agent: "coder", description: `do ${id}`, prompt: `Do ${id}.`, dependsOn };
}
