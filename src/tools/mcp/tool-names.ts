import { toolName } from "../../domain/tool-list.ts";

/** The Messages API takes no longer name. */
const MAX_NAME_CHARACTERS = 64;

/** What the names of all of a server's tools begin with; characters that a tool's name cannot have become `_`. */
export function serverPrefix(server: string): string {
  return `mcp__${normalized(server)}`;
}

/** The name that agents use for a server's tool, as Claude Code makes it; undefined when it would be too long. */
export function mcpToolName(server: string, tool: string): string | undefined {
  const name = `${serverPrefix(server)}__${normalized(tool)}`;
  return name.length <= MAX_NAME_CHARACTERS && tool !== "" ? name : undefined;
}

/** Whether an agent's entry (`mcp__server`, `mcp__server__*`, `mcp__server__tool`) is about this server. */
export function isAboutServer(entry: string, server: string): boolean {
  const prefix = serverPrefix(server);
  const name = toolName(entry);
  return name === prefix || name.startsWith(`${prefix}__`);
}

/** Whether the entry is the server's tool of this full name, or all of the server's. */
export function isEntryFor(entry: string, server: string, tool: string): boolean {
  const name = toolName(entry);
  return name === tool || isWholeServer(name, server);
}

/** `mcp__server`, or `mcp__server__*`, whose star is no part of a name. */
function isWholeServer(name: string, server: string): boolean {
  return name === serverPrefix(server) || name === `${serverPrefix(server)}__`;
}

function normalized(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, "_");
}
