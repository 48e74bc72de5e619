import { dependantsOf, wavesOf } from "../../src/domain/plan.ts";
import type { Task } from "../../src/domain/task.ts";
import type { NewTaskRow } from "../../src/postgres/agent-coordination/executions.ts";

/** A task of a plan. */
export function planTask(id: string, dependsOn: string[] = []): Task {
  return { id, agent: "coder", description: `do ${id}`, prompt: `Do ${id}.`, dependsOn };
}

/** The tasks as `dispatch` writes them. */
export function planRows(tasks: readonly Task[]): NewTaskRow[] {
  const waves = wavesOf(tasks);
  const dependants = dependantsOf(tasks);
  return tasks.map((one) => ({
    ...one,
    wave: waves.get(one.id) ?? 0,
    dependants: dependants.get(one.id) ?? [],
  }));
}
