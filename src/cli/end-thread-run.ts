import { type Report, reportThread } from "../runs/report.ts";
import type { Cli, ExitCode } from "./cli.ts";
import { pageFor } from "./view/render-options.ts";
import { renderSummary } from "./view/render-summary.ts";

/** Prints what a thread came to: its answer to stdout, the rest to stderr; or one JSON document. */
export async function endThreadRun(cli: Cli, threadId: string, json: boolean): Promise<ExitCode> {
  const report = await reportThread(await cli.database(), threadId);
  if (json) {
    cli.print(renderJson(report));
    if (report.error) cli.note(report.error);
  } else {
    if (report.output) cli.print(cli.out.isTTY ? `\n${report.output}\n` : report.output);
    cli.note(renderSummary(report, pageFor(cli.err, cli.color)));
  }
  return exitCodeOf(report);
}

/** The document of `--json`, in the order people read it. */
export function renderJson({ input: _, error, ...report }: Report): string {
  return JSON.stringify({ ...report, ...(error !== null && { error }) }, null, 2);
}

export function exitCodeOf({ status }: Pick<Report, "status">): ExitCode {
  if (status === "completed") return 0;
  return status === "waiting" ? 3 : 1;
}
