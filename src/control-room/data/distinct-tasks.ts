import type { TaskRow } from "../../server/api-types.ts";

/**
 * The same tasks in the same order, with distinct ids. An id that several nodes use gets the node's name: `review/one`.
 * Other tasks stay the same objects.
 */
export function distinctTasks(tasks: readonly TaskRow[]): readonly TaskRow[] {
  const nodes = new Map<string, Set<string | null>>();
  for (const { id, execution } of tasks) nodes.set(id, (nodes.get(id) ?? new Set()).add(execution));
  const isShared = (id: string) => (nodes.get(id)?.size ?? 0) > 1;
  if (!tasks.some(({ id }) => isShared(id))) return tasks;
  return tasks.map((task) => {
    const { id, execution, dependsOn } = task;
    const nameOf = (one: string) => (isShared(one) ? `${execution}/${one}` : one);
    return isShared(id) || dependsOn.some(isShared)
      ? { ...task, id: nameOf(id), dependsOn: dependsOn.map(nameOf) }
      : task;
  });
}

/** Whether more than one node ran tasks. Only then the page names the nodes. */
export function haveSeveralNodes(tasks: readonly Pick<TaskRow, "execution">[]): boolean {
  return new Set(tasks.map(({ execution }) => execution)).size > 1;
}
