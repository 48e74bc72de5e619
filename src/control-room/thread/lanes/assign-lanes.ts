/** The work of one task in time, ms since the epoch; without `endMs` it is under way. */
export interface Span {
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number | null;
}

/**
 * Gives each span the first lane which is free when it starts, so that spans of a lane never overlap and there are
 * as many lanes as ran at most at once. Spans in any order; lanes from 0.
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
