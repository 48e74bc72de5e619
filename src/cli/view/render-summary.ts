import { commandLine } from "../../app.ts";
import type { ThreadStatus } from "../../domain/task.ts";
import { renderBudget, renderCount, renderDuration, renderPlural, renderUsd } from "../../format/amounts.ts";
import type { Report } from "../../runs/report.ts";
import { manyLines, oneLine, wrapToWidth } from "./display-width.ts";
import { createPainter, type Painter } from "./paint.ts";
import { renderEntry } from "./render-inbox.ts";
import type { RenderOptions } from "./render-options.ts";
import { resumeHint } from "./resume-hint.ts";
import { markOf, toneOfThread } from "./status-mark.ts";

/** The most failed tasks. */
const TROUBLES = 10;
/** The most requests with their commands. */
const ASKED = 5;
const HEADS: Readonly<Record<ThreadStatus, string>> = {
  queued: "· Queued",
  running: "▸ Running",
  waiting: "? Waiting for you",
  stopped: "■ Stopped",
  completed: "✓ Completed",
  partial: "! Partly completed",
  failed: "✗ Failed",
  cancelled: "– Cancelled",
};

/** A thread in a few lines: status, cost, failures and open requests. */
export function renderSummary(report: Report, options: RenderOptions): string {
  const paint = createPainter(options.color);
  const { status, error, thread } = report;
  return [
    ...headOf(report, options, paint),
    ...(error ? wrapToWidth(manyLines(error), options.columns) : []),
    ...troublesOf(report, options, paint),
    ...waitingOf(report, options),
    ...(status === "running" ? [paint("dim", `Follow it with:\n  ${commandLine(`watch ${thread}`)}`)] : []),
    ...(status === "stopped" ? [paint("cyan", resumeHint(thread))] : []),
  ].join("\n");
}

function headOf(report: Report, { columns }: RenderOptions, paint: Painter): string[] {
  const head = HEADS[report.status];
  const [first = "", ...rest] = wrapToWidth([head, ...factsOf(report)].join(" · "), columns);
  const facts = paint("dim", first.slice(head.length));
  return [`${paint(toneOfThread(report.status), head)}${facts}`, ...rest.map((line) => paint("dim", line))];
}

function factsOf(report: Report): string[] {
  const { tasks, costUsd, budgetUsd, tokens, peakParallel, phasesMs, simulated } = report;
  const completed = tasks.filter((task) => task.status === "completed").length;
  const input = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  const cost = `${renderUsd(costUsd)} of ${renderBudget(budgetUsd)}`;
  return [
    ...(tasks.length > 0 ? [`${renderCount(completed)} of ${renderPlural(tasks.length, "task")}`] : []),
    simulated ? `${cost} (simulated)` : cost,
    ...(input + tokens.output > 0
      ? [`${renderCount(input)} tokens in, ${renderCount(tokens.output)} out`]
      : []),
    ...(peakParallel > 1 ? [`${peakParallel} in parallel`] : []),
    renderDuration(phasesMs.plan + phasesMs.agents + phasesMs.synthesis),
  ];
}

function troublesOf({ tasks }: Report, { columns }: RenderOptions, paint: Painter): string[] {
  const troubled = tasks.filter(({ status }) => status === "failed" || status === "blocked");
  const left = troubled.length - TROUBLES;
  return [
    ...troubled.slice(0, TROUBLES).flatMap(({ id, status, error }) => {
      const { glyph, tone } = markOf(status);
      const [first = "", ...rest] = wrapToWidth(oneLine(`${id}: ${error ?? status}`), columns - 2);
      return [`${paint(tone, glyph)} ${first}`, ...rest.map((line) => `  ${line}`)];
    }),
    ...(left > 0 ? [`… and ${renderPlural(left, "more task")}`] : []),
  ];
}

function waitingOf({ waiting, open }: Report, options: RenderOptions): string[] {
  const left = waiting.length - ASKED;
  return [
    ...open.slice(0, ASKED).map((request) => renderEntry(request, options)),
    ...(left > 0 ? [`… and ${renderPlural(left, "more request")}: ${commandLine("inbox")}`] : []),
  ];
}
