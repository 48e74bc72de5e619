import type { ThreadRow } from "../../server/api-types.ts";

/** The list with what has changed in its place, and what is new at its end; the same list when nothing is either. */
export function mergeById<T extends { readonly id: string }>(
  list: readonly T[],
  changes: readonly T[],
): readonly T[] {
  if (changes.length === 0) return list;
  const changed = new Map(changes.map((one) => [one.id, one]));
  const merged = list.map((one) => {
    const change = changed.get(one.id);
    changed.delete(one.id);
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
