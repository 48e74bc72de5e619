import type { GraphState } from "./graph.ts";

/** Reads what the tasks of a checkpoint have written since. */
export interface PendingWrites {
  getTuple(
    config: object,
  ): Promise<
    | { readonly pendingWrites?: readonly (readonly [taskId: string, channel: string, value: unknown])[] }
    | undefined
  >;
}

/** Channels which a task writes that is not done. */
const UNDONE: readonly string[] = ["__error__", "__interrupt__", "__resume__"];

/**
 * A state without the interrupts of tasks that are done. LangGraph goes on showing these as long as another task of the
 * same step waits, and an answer to one of them is an error by then.
 */
export async function withoutDoneInterrupts<State extends GraphState>(
  state: State,
  saver: PendingWrites,
): Promise<State> {
  if (!state.tasks.some((task) => mayBeDone(task, state.next))) return state;
  const writes = (await saver.getTuple(state.config))?.pendingWrites ?? [];
  const done = new Set(writes.flatMap(([taskId, channel]) => (UNDONE.includes(channel) ? [] : [taskId])));
  const tasks = state.tasks.map((task) => (done.has(task.id) ? { ...task, interrupts: [] } : task));
  return { ...state, tasks };
}

/** A task that has written something is no longer next; it may have written its answer only, and ask once more. */
function mayBeDone({ name, interrupts }: GraphState["tasks"][number], next: readonly string[]): boolean {
  return interrupts.length > 0 && !next.includes(name);
}
