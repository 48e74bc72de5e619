import { UsageError } from "../domain/errors.ts";
import { recordApproval, type UnapprovedServer } from "../runs/unapproved-servers.ts";
import { askLine } from "./ask-line.ts";
import type { Cli } from "./cli.ts";
import { renderServer } from "./view/render-server.ts";

/**
 * Shows MCP servers that nobody has approved, and asks about each. With `isTrusted` they are approved without a question.
 *
 * @returns whether all are approved now. Without a terminal nothing is asked, and none is.
 */
export async function approveServers(
  cli: Cli,
  servers: readonly UnapprovedServer[],
  isTrusted: boolean,
): Promise<boolean> {
  let areAll = true;
  for (const one of servers) {
    if (!isTrusted && !cli.canAsk) return false;
    for (const line of renderServer(one)) cli.note(line);
    const word = isTrusted ? "y" : await askLine(cli, "Approve it from now on? [y]es, [n]o: ");
    if (word === undefined)
      throw new UsageError("The question about an MCP server was not answered. Nothing was started.");
    if (/^y(es)?$/i.test(word)) await recordApproval(cli.folders, [one], cli.answerer.by ?? "unknown");
    else areAll = false;
  }
  return areAll;
}
