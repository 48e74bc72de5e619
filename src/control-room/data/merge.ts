import type { TaskRow, ThreadRow } from "../../server/api-types.ts";

/** The list with changes in place and new entries at the end. The same list without changes. */
export function mergeById<T extends { readonly id: string }>(
  list: readonly T[],
  changes: readonly T[],
): readonly T[] {
  return merge(list, changes, ({ id }) => id);
}

/** The same for tasks, whose ids are distinct only within a node. */
export function mergeTasks(list: readonly TaskRow[], changes: readonly TaskRow[]): readonly TaskRow[] {
  return merge(list, changes, ({ execution, id }) => `${execution} ${id}`);
}

function merge<T>(list: readonly T[], changes: readonly T[], keyOf: (one: T) => string): readonly T[] {
  if (changes.length === 0) return list;
  const changed = new Map(changes.map((one) => [keyOf(one), one]));
  const merged = list.map((one) => {
    const change = changed.get(keyOf(one));
    changed.delete(keyOf(one));
    return change ?? one;
  });
  return [...merged, ...changed.values()];
}

export interface ThreadFilter {
  readonly q: string;
  readonly status: string;
}

/**
 * The loaded threads, newest first, with changes. A shown thread changes in place even if it no longer matches the
 * filter, so that no row disappears while a person reads. New matching threads come first. Older ones stay on their page.
 */
export function mergeRows(
  rows: readonly ThreadRow[],
  changes: readonly ThreadRow[],
  filter: ThreadFilter,
): readonly ThreadRow[] {
  const known = new Set(rows.map(({ id }) => id));
  const newest = rows[0]?.createdAt ?? "";
  const added = changes
    .filter((row) => !known.has(row.id) && row.createdAt > newest && fits(row, filter))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const changed = changes.filter(({ id }) => known.has(id));
  return [...added, ...mergeById(rows, changed)];
}

function fits(row: ThreadRow, { q, status }: ThreadFilter): boolean {
  if (status !== "" && row.status !== status) return false;
  const words = `${row.id} ${row.graph} ${row.input}`.toLowerCase();
  return words.includes(q.trim().toLowerCase());
}
