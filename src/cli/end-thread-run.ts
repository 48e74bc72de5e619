import { type Report, reportThread } from "../runs/report.ts";
import type { Cli, ExitCode } from "./cli.ts";
import type { Output } from "./terminal.ts";
import { manyLines, wrapProse } from "./view/display-width.ts";
import { pageFor, widthOf } from "./view/render-options.ts";
import { renderSummary } from "./view/render-summary.ts";
import { withResume } from "./view/resume-hint.ts";

/** Prints the outcome of a run: the answer to stdout and a summary to stderr, or one JSON document to stdout. */
export async function endThreadRun(cli: Cli, threadId: string, json: boolean): Promise<ExitCode> {
  const report = await reportThread(await cli.database(), threadId);
  if (json) {
    cli.print(renderJson(report));
    if (report.error) cli.note(report.error);
  } else {
    if (report.output) cli.print(cli.out.isTTY ? forTerminal(report.output, cli.out) : report.output);
    cli.note(renderSummary(report, pageFor(cli.err, cli.color)));
  }
  return exitCodeOf(report);
}

/** Printable and wrapped. A pipe gets the answer unchanged. */
function forTerminal(output: string, out: Output): string {
  return `\n${wrapProse(manyLines(output), widthOf(out)).join("\n")}\n`;
}

/** The keys of the `--json` document and of its tasks, in reading order. Scripts rely on them. */
const DOCUMENT = [
  ...(["thread", "graph", "status", "simulated", "output", "tasks", "waiting", "answers"] as const),
  ...(["costUsd", "budgetUsd", "tokens", "calls", "peakParallel", "phasesMs", "wallMs"] as const),
];
const TASK = [
  ...(["id", "agent", "status", "attempts", "escalated", "model", "summary", "output"] as const),
  ...(["costUsd", "ms", "error", "execution"] as const),
];

export function renderJson(report: Report): string {
  return JSON.stringify(jsonDocument(report), null, 2);
}

/**
 * The document of `--json`. `execution` is the node that ran a task. Only a thread with an error has the key `error`, and only a
 * stopped one the key `resume`, the command that continues it.
 */
export function jsonDocument(report: Report): object {
  const tasks = report.tasks.map((task) => picked(task, TASK));
  const document = withResume({ ...picked(report, DOCUMENT), status: report.status, tasks }, report.thread);
  return { ...document, ...(report.error !== null && { error: report.error }) };
}

function picked<Row, Key extends keyof Row>(row: Row, keys: readonly Key[]): Record<string, Row[Key]> {
  return Object.fromEntries(keys.map((key) => [key, row[key]]));
}

export function exitCodeOf({ status, waiting }: Pick<Report, "status" | "waiting">): ExitCode {
  if (status === "completed") return 0;
  if (status === "waiting" || (status === "stopped" && waiting.length > 0)) return 3;
  return status === "stopped" ? 130 : 1;
}
