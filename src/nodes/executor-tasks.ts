import { dependantsOf, wavesOf } from "../domain/plan.ts";
import type { Task, TaskInput } from "../domain/task.ts";
import type { NewTaskRow } from "../postgres/agent-coordination/executions.ts";
import { trustedPlan } from "./plan.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";

/** Makes an executor's tasks from the graph's state. Dependencies are ids of the same list. */
export interface TasksFrom<State> {
  tasks(state: State, context: NodeContext): readonly TaskInput[] | Promise<readonly TaskInput[]>;
}

/** Checks the tasks that a graph's code makes; its author may name commands as validators. @throws UsageError naming all problems. */
export function trustedTasks({ scope }: ActiveThread, tasks: readonly TaskInput[]): Task[] {
  return trustedPlan({ ...scope, allowCommands: true }, { tasks });
}

/** The tasks as they are written to `agent_coordination`. */
export function rowsOf(tasks: readonly Task[]): NewTaskRow[] {
  const waves = wavesOf(tasks);
  const dependants = dependantsOf(tasks);
  return tasks.map((task) => ({
    ...task,
    wave: waves.get(task.id) ?? 0,
    dependants: dependants.get(task.id) ?? [],
  }));
}

/** The name in its graph of the node that this executor is: LangGraph's namespace is `review:id|dispatch:id`. */
export function executorNodeOf({ configurable }: NodeContext, otherwise: string): string {
  const namespace = String(configurable?.["checkpoint_ns"] ?? "").split("|");
  const name = namespace.at(-2)?.split(":")[0];
  return name || otherwise;
}

/** The name of the node that runs. */
export function nodeOf({ configurable }: NodeContext): string {
  return (
    String(configurable?.["checkpoint_ns"] ?? "")
      .split("|")
      .at(-1)
      ?.split(":")[0] ?? ""
  );
}
