import type { Variables } from "../mcp/expand-variables.ts";
import { loadProjectServers, type ProjectServers } from "../mcp/project-servers.ts";

/** How MCP servers are configured and run. */
export interface McpSettings {
  /** The project's folder: its `.mcp.json` is read, and servers run in it. */
  readonly folder: string;
  readonly variables: Variables;
  readonly connectMs: number;
  readonly callMs: number;
}

/** Where the tools of a run's agents come from, besides the built-in ones. */
export interface ToolSources {
  readonly mcp: McpSettings;
  readonly projectServers: ProjectServers;
}

/** Reads what there is. What is wrong in it is a problem only for agents that use it. */
export async function loadToolSources(mcp: McpSettings): Promise<ToolSources> {
  return { mcp, projectServers: await loadProjectServers(mcp.folder, mcp.variables) };
}
