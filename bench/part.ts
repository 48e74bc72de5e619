import type { Lab } from "./lab.ts";

/** A part of the bench. It can run alone: `npm run bench -- NAME`. */
export interface Part {
  readonly name: string;
  measure(lab: Lab, note: (line: string) => void): Promise<Measurement>;
}

export interface Measurement {
  /** For `--json`. */
  readonly figures: unknown;
  /** For people. */
  readonly text: string;
  readonly goals: readonly Goal[];
}

/** A figure and its limit. */
export interface Goal {
  readonly name: string;
  readonly figure: number;
  readonly limit: number;
  readonly unit: string;
}

export function isReached({ figure, limit }: Goal): boolean {
  return figure <= limit;
}

export function renderGoals(goals: readonly Goal[]): string {
  const width = Math.max(...goals.map(({ name }) => name.length));
  return goals
    .map((goal) => {
      const { name, figure, limit, unit } = goal;
      const shown = unit === "×" ? figure.toFixed(3) : figure.toFixed(unit === "MB" ? 0 : 1);
      return `${isReached(goal) ? "✓" : "✗"} ${name.padEnd(width)}  ${shown} ${unit}, at most ${limit}`;
    })
    .join("\n");
}

/** @param share - 0.5 for the median. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
