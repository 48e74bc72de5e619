import { dependantsOf, wavesOf } from "../domain/plan.ts";
import type { Task, TaskInput } from "../domain/task.ts";
import type { NewTaskRow } from "../postgres/agent-coordination/executions.ts";
import { trustedPlan } from "./plan.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";

/** Makes an executor's tasks from the graph's state. Dependencies are ids in the same list. */
export interface TasksFrom<State> {
  tasks(state: State, context: NodeContext): readonly TaskInput[] | Promise<readonly TaskInput[]>;
}

/** Checks tasks from a graph's code, which may use commands as validators. @throws UsageError that names all problems. */
export function trustedTasks({ scope }: ActiveThread, tasks: readonly TaskInput[]): Task[] {
  return trustedPlan({ ...scope, allowCommands: true }, { tasks });
}

/** The rows of the tasks for `agent_coordination`. */
export function rowsOf(tasks: readonly Task[]): NewTaskRow[] {
  const waves = wavesOf(tasks);
  const dependants = dependantsOf(tasks);
  return tasks.map((task) => ({
    ...task,
    wave: waves.get(task.id) ?? 0,
    dependants: dependants.get(task.id) ?? [],
  }));
}

/** The name of the executor's node in its graph. LangGraph's namespace is `review:id|dispatch:id`. */
export function executorNodeOf({ configurable }: NodeContext, otherwise: string): string {
  const namespace = String(configurable?.["checkpoint_ns"] ?? "").split("|");
  const name = namespace.at(-2)?.split(":")[0];
  return name || otherwise;
}

/** The name of the running node. */
export function nodeOf({ configurable }: NodeContext): string {
  return (
    String(configurable?.["checkpoint_ns"] ?? "")
      .split("|")
      .at(-1)
      ?.split(":")[0] ?? ""
  );
}
