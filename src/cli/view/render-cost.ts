import type { CallTotals } from "../../domain/call.ts";
import { renderBudget, renderCount, renderPlural, renderUsd } from "../../format/amounts.ts";
import type { CostLine } from "../../postgres/claude-calls/totals.ts";
import type { CacheReport } from "../../runs/cache-report.ts";
import { wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderTable, type TableColumn } from "./table.ts";

/** The lines of the ledger, their sum, and the budget of one thread. */
export interface CostView {
  readonly lines: readonly CostLine[];
  readonly totals: CallTotals;
  readonly budgetUsd: number | null;
  readonly cache: CacheReport;
}

const COLUMNS: readonly TableColumn[] = [
  { head: "phase", optional: true },
  { head: "agent", max: 28 },
  { head: "model", max: 28, optional: true },
  { head: "calls", align: "right" },
  { head: "input", align: "right", optional: true },
  { head: "output", align: "right", optional: true },
  { head: "cache read", align: "right", optional: true },
  { head: "cache write", align: "right", optional: true },
  { head: "cost", align: "right" },
];

export function renderCost({ lines, totals, budgetUsd, cache }: CostView, options: RenderOptions): string {
  if (lines.length === 0) return "There are no calls to Claude yet.";
  const { calls, tokens } = totals;
  const rows = lines.map((line) => [
    ...[line.phase, line.agent, line.model, renderCount(line.calls)],
    ...[line.input, line.output, line.cacheRead, line.cacheWrite].map(renderCount),
    renderUsd(line.costUsd),
  ]);
  const sums = [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite].map(renderCount);
  const total = ["", "total", "", renderCount(calls.paid), ...sums, renderUsd(totals.costUsd)];
  const paint = createPainter(options.color);
  const wrapped = (line: string) => wrapToWidth(line, options.columns);
  const bold = total.map((text) => ({ text, tone: "bold" as const }));
  return [
    renderTable(COLUMNS, [...rows, bold], options),
    ...(budgetUsd === null ? [] : [`${renderUsd(totals.costUsd)} of ${renderBudget(budgetUsd)} spent.`]),
    ...cacheLines(cache, tokens).flatMap(wrapped),
    ...replayedCalls(calls.replayed).flatMap(wrapped),
    ...unknownCalls(calls.unknown)
      .flatMap(wrapped)
      .map((line) => paint("yellow", line)),
  ].join("\n");
}

function cacheLines(
  { share, savedUsd }: CacheReport,
  { cacheRead, cacheWrite }: CallTotals["tokens"],
): string[] {
  if (cacheRead + cacheWrite === 0) return [];
  const effect = savedUsd < 0 ? "its net cost was" : "it saved";
  return [
    `The cache supplied ${Math.round(share * 100)} % of the prompts; ${effect} ${renderUsd(Math.abs(savedUsd))}.`,
  ];
}

function replayedCalls(count: number): string[] {
  if (count === 0) return [];
  return [`${renderPlural(count, "answer")} replayed free from the journal.`];
}

function unknownCalls(count: number): string[] {
  if (count === 0) return [];
  return [`${renderPlural(count, "call")} of unknown cost, counted at the highest possible cost: --settle.`];
}
