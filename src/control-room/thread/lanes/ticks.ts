const STEPS_MS = [
  ...[100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000],
  ...[3_600_000, 7_200_000, 21_600_000, 86_400_000],
];
const MOST_TICKS = 8;

/** Round times for the axis above a run of this length: at most eight, from 0. */
export function ticksOf(lengthMs: number): number[] {
  const days = Math.ceil(lengthMs / 86_400_000 / MOST_TICKS) * 86_400_000;
  const step = STEPS_MS.find((ms) => lengthMs / ms <= MOST_TICKS) ?? days;
  return Array.from({ length: Math.max(1, Math.ceil(lengthMs / step)) }, (_, index) => index * step);
}
