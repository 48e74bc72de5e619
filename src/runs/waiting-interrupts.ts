import type { GraphState } from "./graph.ts";

/** Reads the pending writes of a checkpoint. */
export interface PendingWrites {
  getTuple(
    config: object,
  ): Promise<
    | { readonly pendingWrites?: readonly (readonly [taskId: string, channel: string, value: unknown])[] }
    | undefined
  >;
}

/** The channels of a task that is not done. */
const UNDONE: readonly string[] = ["__error__", "__interrupt__", "__resume__"];

/**
 * Removes the interrupts of finished tasks from a state. LangGraph keeps them while another task of the same step waits, and
 * rejects an answer to them.
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

/** A task with writes is no longer next. Its only write may be an answer, before another interrupt. */
function mayBeDone({ name, interrupts }: GraphState["tasks"][number], next: readonly string[]): boolean {
  return interrupts.length > 0 && !next.includes(name);
}
