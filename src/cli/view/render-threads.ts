import { commandLine } from "../../app.ts";
import type { ThreadRow } from "../../domain/thread.ts";
import { renderAge, renderCount, renderUsd } from "../../format/amounts.ts";
import type { RenderOptions } from "./render-options.ts";
import { toneOfThread } from "./status-mark.ts";
import { renderTable, type TableColumn } from "./table.ts";

const COLUMNS: readonly TableColumn[] = [
  { head: "thread" },
  { head: "status" },
  { head: "graph", max: 24, optional: true },
  { head: "started" },
  { head: "tasks", align: "right", optional: true },
  { head: "cost", align: "right" },
  { head: "", optional: true },
  { head: "input" },
];

/** The characters of an id that commands accept. */
const ID_CHARACTERS = 8;

/** The threads, one a line. Marks simulated ones, which cost nothing. */
export function renderThreads(threads: readonly ThreadRow[], options: RenderOptions): string {
  if (threads.length === 0)
    return `There are no threads yet. Start a run: ${commandLine('run orchestrate "…"')}`;
  const nowMs = options.nowMs ?? Date.now();
  const rows = threads.map((thread) => [
    { text: thread.id.slice(0, ID_CHARACTERS), tone: "bold" as const },
    { text: thread.status, tone: toneOfThread(thread.status) },
    thread.graph,
    renderAge(thread.createdAt, nowMs),
    renderCount(sum(Object.values(thread.tasks))),
    renderUsd(thread.costUsd),
    { text: thread.simulated ? "SIMULATED" : "", tone: "yellow" as const },
    thread.input,
  ]);
  return renderTable(COLUMNS, rows, options);
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
