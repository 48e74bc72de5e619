import { lineForDecision } from "../../format/decision-text.ts";
import type { UnapprovedServer } from "../../runs/unapproved-servers.ts";
import { oneLine } from "./display-width.ts";

/** All that an MCP server runs and gets, as its file writes it, for a person who decides about it. */
export function renderServer({ agent, server }: UnapprovedServer): string[] {
  const { kind, command, args, env, url, headers } = server.written;
  const where = kind === "stdio" ? [command, ...args].map(quoted).join(" ") : `${kind} ${url}`;
  return [
    `Agent "${oneLine(agent)}" uses the MCP server "${oneLine(server.name)}" of ${oneLine(server.file)}. ${kind === "stdio" ? "It runs this command:" : "It talks to this address:"}`,
    `  ${lineForDecision(where)}`,
    ...Object.entries(env).map(([name, value]) => `  with ${name}=${lineForDecision(quoted(value))}`),
    ...Object.entries(headers).map(
      ([name, value]) => `  with the header ${name}: ${lineForDecision(quoted(value))}`,
    ),
  ];
}

function quoted(text: string): string {
  return /^[\w@%+:,./=$ {}-]+$/.test(text) && !text.includes(" ") ? text : JSON.stringify(text);
}
