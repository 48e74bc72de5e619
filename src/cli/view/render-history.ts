import type { Checkpoint } from "../../domain/checkpoint.ts";
import { renderAge } from "../../format/amounts.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderTable, type TableColumn } from "./table.ts";

const COLUMNS: readonly TableColumn[] = [
  { head: "checkpoint" },
  { head: "next", optional: true },
  { head: "when", optional: true },
  { head: "by", optional: true },
  { head: "state" },
];

/** A thread's checkpoints, one a line, with whole ids: they start alike. */
export function renderHistory(checkpoints: readonly Checkpoint[], options: RenderOptions): string {
  if (checkpoints.length === 0) return "The thread has no checkpoints: it stopped before its first step.";
  const nowMs = options.nowMs ?? Date.now();
  const rows = checkpoints.map(({ id, at, source, next, summary }) => [
    { text: id, tone: "bold" as const },
    next.length === 0 ? "(the end)" : [...new Set(next)].join(", "),
    renderAge(at, nowMs),
    source,
    summary,
  ]);
  return renderTable(COLUMNS, rows, options);
}
