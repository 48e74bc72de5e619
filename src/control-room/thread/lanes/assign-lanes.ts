/** The time of one task, in ms since the epoch. A running task has no `endMs`. */
export interface Span {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number | null;
}

/**
 * Gives each span the first lane that is free at its start. So spans of a lane never overlap, and there are only as many
 * lanes as tasks ran in parallel. Spans in any order; lanes from 0.
 */
export function assignLanes(spans: readonly Span[]): Map<string, number> {
  const freeAtMs: number[] = [];
  const laneOf = new Map<string, number>();
  for (const { id, startMs, endMs } of [...spans].sort((a, b) => a.startMs - b.startMs)) {
    const free = freeAtMs.findIndex((atMs) => atMs <= startMs);
    const lane = free === -1 ? freeAtMs.length : free;
    freeAtMs[lane] = endMs ?? Number.POSITIVE_INFINITY;
    laneOf.set(id, lane);
  }
  return laneOf;
}
