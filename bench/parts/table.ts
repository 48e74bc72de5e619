import { type ContestantName, type Load, NAMES } from "../lab.ts";
import type { Measured, Run } from "../work.ts";

/** One contestant on one load: medians of its warm runs. */
export interface Row {
  readonly contestant: ContestantName;
  readonly tasks: number;
  readonly latencyMs: number;
  /** With ten at once and nothing in the way; without latency the plain SDK's own time. */
  readonly idealMs: number;
  readonly wallMs: number;
  /** The first run, in which everything is compiled and connected. */
  readonly coldMs: number;
  readonly cpuMsPerAgent: number;
  readonly peakRssMb: number;
  readonly bytesPerAgent: number;
  /** NaN where there is none. */
  readonly agentsMs: number;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The second half of the runs; the only one if there is one. */
export function warm(runs: readonly Run[]): readonly Run[] {
  return runs.slice(Math.floor(runs.length / 2));
}

export function rowOf(
  contestant: ContestantName,
  { tasks, latencyMs }: Load,
  idealMs: number,
  { runs, peakRssMb, bytes }: Measured & { readonly bytes: number },
  emptyBytes: number,
): Row {
  const of = (pick: (run: Run) => number) => median(warm(runs).map(pick));
  return {
    contestant,
    tasks,
    latencyMs,
    idealMs,
    peakRssMb,
    wallMs: of((run) => run.wallMs),
    coldMs: runs[0]?.wallMs ?? Number.NaN,
    cpuMsPerAgent: of((run) => run.cpuMs) / tasks,
    bytesPerAgent: (bytes - emptyBytes) / (tasks * runs.length),
    agentsMs: of((run) => run.agentsMs ?? Number.NaN),
  };
}

const HEADS = [
  "load",
  "contestant",
  "wall",
  "ideal",
  "ratio",
  "cold",
  "CPU/agent",
  "peak RSS",
  "Postgres/agent",
];

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    `${row.tasks.toLocaleString("en")} × ${row.latencyMs} ms`,
    NAMES[row.contestant],
    `${row.wallMs.toFixed(0)} ms`,
    row.latencyMs > 0 ? `${row.idealMs} ms` : "the SDK's",
    (row.wallMs / row.idealMs).toFixed(3),
    (row.coldMs / row.idealMs).toFixed(3),
    `${row.cpuMsPerAgent.toFixed(2)} ms`,
    `${row.peakRssMb.toFixed(0)} MB`,
    row.contestant === "sdk" ? "-" : `${(row.bytesPerAgent / 1024).toFixed(1)} KiB`,
  ]);
  const all = [HEADS, ...lines];
  const widths = HEADS.map((_, column) => Math.max(...all.map((line) => (line[column] ?? "").length)));
  return all
    .map((line) =>
      line
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
