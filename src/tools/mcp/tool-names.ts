import { toolName } from "../../domain/tool-list.ts";

/** The Messages API accepts no longer name. */
const MAX_NAME_CHARACTERS = 64;

/** The prefix of all tools of a server. Characters that a tool's name cannot have become `_`. */
export function serverPrefix(server: string): string {
  return `mcp__${normalized(server)}`;
}

/** The name of a server's tool for agents, as in Claude Code; undefined when it is too long. */
export function mcpToolName(server: string, tool: string): string | undefined {
  const name = `${serverPrefix(server)}__${normalized(tool)}`;
  return name.length <= MAX_NAME_CHARACTERS && tool !== "" ? name : undefined;
}

/** Whether an agent's entry (`mcp__server`, `mcp__server__*`, `mcp__server__tool`) names this server. */
export function isAboutServer(entry: string, server: string): boolean {
  const prefix = serverPrefix(server);
  const name = toolName(entry);
  return name === prefix || name.startsWith(`${prefix}__`);
}

/** Whether the entry names this tool, by its full name, or all tools of the server. */
export function isEntryFor(entry: string, server: string, tool: string): boolean {
  const name = toolName(entry);
  return name === tool || isWholeServer(name, server);
}

/** `mcp__server` or `mcp__server__*`; the star is not part of a name. */
function isWholeServer(name: string, server: string): boolean {
  return name === serverPrefix(server) || name === `${serverPrefix(server)}__`;
}

function normalized(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}
