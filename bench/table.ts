import type { ContestantName } from "./lab.ts";

/** One contestant on one load. CPU and bytes are those beyond a run of one task. */
export interface Row {
  readonly contestant: ContestantName;
  readonly tasks: number;
  readonly latencyMs: number;
  /** With ten at once and nothing in the way; without latency the plain SDK's own time. */
  readonly idealMs: number;
  readonly wallMs: number;
  readonly cpuMsPerAgent: number;
  readonly peakRssMb: number;
  readonly bytesPerAgent: number;
  /** NaN where there is none. */
  readonly agentsMs: number;
}

const NAMES: Readonly<Record<ContestantName, string>> = {
  sdk: "Anthropic SDK, limiter of ten",
  langgraph: "LangGraph, Postgres saver, Send",
  decurion: "Decurion",
};

const HEADS = ["load", "contestant", "wall", "ideal", "ratio", "CPU/agent", "peak RSS", "Postgres/agent"];

export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    `${row.tasks.toLocaleString("en")} × ${row.latencyMs} ms`,
    NAMES[row.contestant],
    `${row.wallMs.toFixed(0)} ms`,
    row.latencyMs > 0 ? `${row.idealMs} ms` : "the SDK's",
    (row.wallMs / row.idealMs).toFixed(3),
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
