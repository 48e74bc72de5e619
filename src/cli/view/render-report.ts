import { renderDuration, renderUsd } from "../../format/amounts.ts";
import type { Report } from "../../runs/report.ts";
import { manyLines, oneLine, wrapProse, wrapToWidth } from "./display-width.ts";
import { createPainter } from "./paint.ts";
import { renderAnswer } from "./render-answer.ts";
import type { RenderOptions } from "./render-options.ts";
import { renderSummary } from "./render-summary.ts";
import { markOf, toneOfThread } from "./status-mark.ts";
import { renderTable, type TableColumn } from "./table.ts";

/** @param hasNodes - whether several nodes ran tasks: only then there is a column for them. */
const columnsOf = (hasNodes: boolean): readonly TableColumn[] => [
  { head: "", max: 1 },
  { head: "task", max: 28 },
  ...(hasNodes ? [{ head: "node", max: 28, optional: true as const }] : []),
  { head: "agent", max: 28, optional: true },
  { head: "model", max: 24, optional: true },
  { head: "took", align: "right" },
  { head: "cost", align: "right" },
  { head: "outcome" },
];

/**
 * The output of `show`: input, tasks, whole answer, decisions and summary.
 *
 * @param answerColumns - the width to wrap the answer to; by default it keeps its lines.
 */
export function renderReport(
  report: Report,
  options: RenderOptions,
  answerColumns = Number.POSITIVE_INFINITY,
): string {
  const { thread, graph, status, simulated, input, output, tasks } = report;
  const paint = createPainter(options.color);
  const head = [
    `${paint("bold", thread)}  ${graph}`,
    paint(toneOfThread(status), status),
    ...(simulated ? [paint("yellow", "SIMULATED")] : []),
  ].join("  ");
  const hasNodes = new Set(tasks.map(({ execution }) => execution)).size > 1;
  const rows = tasks.map((task) => {
    const { glyph, tone } = markOf(task.status);
    return [
      { text: glyph, tone },
      { text: task.id, tone: "bold" as const },
      ...(hasNodes ? [task.execution ?? ""] : []),
      task.agent,
      task.model ?? "",
      task.ms === null ? "" : renderDuration(task.ms),
      task.costUsd > 0 ? renderUsd(task.costUsd) : "",
      task.error ?? task.summary ?? task.status,
    ];
  });
  return [
    head,
    ...wrapToWidth(oneLine(input), options.columns).map((line) => paint("dim", line)),
    ...(rows.length > 0 ? ["", renderTable(columnsOf(hasNodes), rows, options)] : []),
    ...(output ? ["", ...wrapProse(manyLines(output), answerColumns)] : []),
    ...(report.answers.length > 0 ? ["", ...decisionsOf(report, options)] : []),
    "",
    renderSummary(report, options),
  ].join("\n");
}

function decisionsOf({ answers }: Report, { columns, color, nowMs = Date.now() }: RenderOptions): string[] {
  const paint = createPainter(color);
  return answers.flatMap(({ id, task, ...answer }) => {
    const about = task === null ? "" : ` (task ${oneLine(task)})`;
    return wrapToWidth(`${oneLine(id)}${about}: ${renderAnswer(answer, nowMs)}`, columns).map((line) =>
      paint("dim", line),
    );
  });
}
