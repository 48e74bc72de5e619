import { renderPlural } from "../format/amounts.ts";
import { audit } from "../postgres/audit.ts";
import type { Cli, ExitCode } from "./cli.ts";
import { wrapToWidth } from "./view/display-width.ts";
import { widthOf } from "./view/render-options.ts";

/** Compares the rows of a thread, or of all threads, and prints what contradicts. @returns 1 when something does. */
export async function checkCosts(cli: Cli, threadId: string | undefined, json: boolean): Promise<ExitCode> {
  const findings = await audit(await cli.database(), threadId);
  if (json) cli.print(JSON.stringify({ findings }, null, 2));
  else {
    for (const { says } of findings) cli.print(wrapToWidth(says, widthOf(cli.out)).join("\n"));
    cli.note(
      findings.length === 0
        ? "Calls, tasks and threads agree."
        : `${renderPlural(findings.length, "finding")}.`,
    );
  }
  return findings.length === 0 ? 0 : 1;
}
