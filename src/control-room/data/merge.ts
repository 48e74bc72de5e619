import type { TaskRow, ThreadRow } from "../../server/api-types.ts";

/** The list with what has changed in its place, and what is new at its end; the same list when nothing is either. */
export function mergeById<T extends { readonly id: string }>(
  list: readonly T[],
  changes: readonly T[],
): readonly T[] {
  return merge(list, changes, ({ id }) => id);
}

/** The same of tasks, of which only those of one node have distinct ids. */
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
 * The loaded threads, newest first, after rows have changed: those shown change in place, even if they no longer fit the
 * filter, so that nothing vanishes under the eye; new ones that fit come first. Older ones are left to their page.
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
