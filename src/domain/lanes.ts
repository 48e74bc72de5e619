/** When a run of a lane was at work on a task; `endedAt` is null while it is. Instants in ISO 8601. */
export interface LaneSpan {
  readonly claimedBy: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/**
 * Numbers the runs of lanes from 1, by the id that claimed the tasks: each has the lowest number that no other had while it
 * was at work. A lane that a gate has sent out again is another run, and takes the place of one that is over.
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
    const place = free < 0 ? busyUntil.length : free;
    busyUntil[place] = to;
    numbers.set(id, place + 1);
  }
  return numbers;
}
