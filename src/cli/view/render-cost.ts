import type { CallTotals } from "../../domain/call.ts";
import { renderBudget, renderCount, renderPlural, renderUsd } from "../../format/amounts.ts";
import type { CostLine } from "../../postgres/claude-calls/totals.ts";
import type { CacheReport } from "../../runs/cache-report.ts";
import { createPainter } from "./paint.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderTable, type TableColumn } from "./table.ts";

/** What was paid: the ledger's lines, their sum, and the budget where it is one thread's. */
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
  if (lines.length === 0) return "Nothing has been paid for: no call to Claude is in the ledger.";
  const { calls, tokens } = totals;
  const rows = lines.map((line) => [
    ...[line.phase, line.agent, line.model, renderCount(line.calls)],
    ...[line.input, line.output, line.cacheRead, line.cacheWrite].map(renderCount),
    renderUsd(line.costUsd),
  ]);
  const sums = [tokens.input, tokens.output, tokens.cacheRead, tokens.cacheWrite].map(renderCount);
  const total = ["", "total", "", renderCount(calls.paid), ...sums, renderUsd(totals.costUsd)];
  const bold = total.map((text) => ({ text, tone: "bold" as const }));
  return [
    renderTable(COLUMNS, [...rows, bold], options),
    ...(budgetUsd === null ? [] : [`${renderUsd(totals.costUsd)} of ${renderBudget(budgetUsd)} are spent.`]),
    ...cacheLines(cache, tokens),
    ...replayedCalls(calls.replayed),
    ...unknownCalls(calls.unknown).map((line) => createPainter(options.color)("yellow", line)),
  ].join("\n");
}

function cacheLines(
  { share, savedUsd }: CacheReport,
  { cacheRead, cacheWrite }: CallTotals["tokens"],
): string[] {
  if (cacheRead + cacheWrite === 0) return [];
  const verb = savedUsd < 0 ? "cost" : "saved";
  return [
    `${Math.round(share * 100)} % of the prompts were read from the cache; it ${verb} ${renderUsd(Math.abs(savedUsd))}.`,
  ];
}

function replayedCalls(count: number): string[] {
  if (count === 0) return [];
  return [`${renderPlural(count, "answer")} replayed from the journal for nothing.`];
}

function unknownCalls(count: number): string[] {
  if (count === 0) return [];
  return [
    `The cost of ${renderPlural(count, "call")} is unknown: counted at the most that it can be (--settle).`,
  ];
}
