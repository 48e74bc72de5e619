import type { Row } from "./table.ts";

/** One figure to reach. */
export interface Goal {
  readonly name: string;
  readonly figure: number;
  readonly limit: number;
  readonly unit: string;
  readonly isReached: boolean;
}

/** The goals that the rows and the start say something about. */
export function goalsOf(rows: readonly Row[], firstRequestMs: number): Goal[] {
  const find = (tasks: number) => rows.find((row) => row.contestant === "decurion" && row.tasks === tasks);
  const [four, hundred, thousand, many] = [find(4), find(100), find(1000), find(10_000)];
  const goals: Goal[] = [];
  const add = (name: string, figure: number | undefined, limit: number, unit: string) => {
    if (figure !== undefined) goals.push({ name, figure, limit, unit, isReached: figure <= limit });
  };
  add("100 × 200 ms against the ideal", hundred && hundred.wallMs / hundred.idealMs, 1.06, "×");
  add("4 × 1500 ms: agents phase", four?.agentsMs, 1600, "ms");
  add("CPU an agent at 100", hundred?.cpuMsPerAgent, 6, "ms");
  const cpuGrowth = many && hundred && many.cpuMsPerAgent / hundred.cpuMsPerAgent;
  add("CPU an agent at 10,000 against 100", cpuGrowth, 1.2, "×");
  add("peak RSS at 10,000", many?.peakRssMb, 250, "MB");
  const growth = many && thousand && many.bytesPerAgent / thousand.bytesPerAgent;
  add("Postgres bytes an agent at 10,000 against 1,000", growth, 1.1, "×");
  add("first Claude request after the command starts", firstRequestMs, 1000, "ms");
  return goals;
}

export function renderGoals(goals: readonly Goal[]): string {
  const width = Math.max(...goals.map(({ name }) => name.length));
  return goals
    .map(({ name, figure, limit, unit, isReached }) => {
      const shown = unit === "×" ? figure.toFixed(3) : figure.toFixed(unit === "MB" ? 0 : 1);
      return `${isReached ? "✓" : "✗"} ${name.padEnd(width)}  ${shown} ${unit}, at most ${limit}`;
    })
    .join("\n");
}
