/** The time that a lane worked on a task; `endedAt` is null until it ends. Instants in ISO 8601. */
export interface LaneSpan {
  readonly claimedBy: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/**
 * Numbers lanes from 1, by the id that claimed their tasks: each gets the lowest number that is free while it works. A lane
 * that starts again after a gate has a new id, and can reuse a number.
 */
export function numberLanes(tasks: readonly LaneSpan[]): ReadonlyMap<string, number> {
  const runs = new Map<string, { readonly from: number; readonly to: number }>();
  for (const { claimedBy, startedAt, endedAt } of tasks) {
    if (claimedBy === null || startedAt === null) continue;
    const from = Date.parse(startedAt);
    const to = endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(endedAt);
    const known = runs.get(claimedBy) ?? { from, to };
    runs.set(claimedBy, { from: Math.min(from, known.from), to: Math.max(to, known.to) });
  }
  const numbers = new Map<string, number>();
  const busyUntil: number[] = [];
  for (const [id, { from, to }] of [...runs].sort(([, a], [, b]) => a.from - b.from)) {
    const free = busyUntil.findIndex((until) => until <= from);
    const index = free < 0 ? busyUntil.length : free;
    busyUntil[index] = to;
    numbers.set(id, index + 1);
  }
  return numbers;
}
