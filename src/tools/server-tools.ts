import type { AgentDefinition } from "../domain/agent.ts";
import { toolName } from "../domain/tool-list.ts";

/** Tools that Anthropic's servers run themselves, within one call. */
export const SERVER_TOOLS = ["WebSearch", "WebFetch", "CodeExecution"] as const;
export type ServerToolName = (typeof SERVER_TOOLS)[number];

/** The server tools that an agent's file names, by Claude Code's or the API's names. No agent inherits one: they cost money. */
export function serverToolsOf({ tools }: Pick<AgentDefinition, "tools">): ServerToolName[] {
  if (tools === "inherit") return [];
  const named = new Set(tools.map((entry) => keyOf(toolName(entry))));
  return SERVER_TOOLS.filter((name) => named.has(keyOf(name)));
}

/** Whether an entry of a tool list names a server tool. */
export function isServerTool(entry: string): boolean {
  return SERVER_TOOLS.some((name) => keyOf(name) === keyOf(toolName(entry)));
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
