import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ASK_HUMAN } from "./ask-human.ts";
import { BUILT_IN_NAMES } from "./builtin/built-in.ts";
import type { Variables } from "./mcp/expand-variables.ts";
import { loadProjectServers, type ProjectServers } from "./mcp/project-servers.ts";
import { loadOwnTools, type OwnTools } from "./own/own-tools.ts";

/** How the tools of a run's agents are found and run. */
export interface ToolSettings {
  /** The project's folder: its `.mcp.json` and `decurion.tools.ts` are read, and servers run in it. */
  readonly folder: string;
  /** What configurations of MCP servers may use. */
  readonly variables: Variables;
  /** How long a server may take to start, and a call of one of its tools or of an own tool. */
  readonly connectMs: number;
  readonly callMs: number;
  /** How often one call may search the web, and how often fetch a page. */
  readonly webUses: number;
  /** Where what is made of own tools is kept. */
  readonly cacheFolder: string;
  readonly memoryMb: number;
  /** A further module of own tools, where the run names one. */
  readonly ownTools: string | undefined;
}

/** Where the tools of a run's agents come from, besides the built-in ones. */
export interface ToolSources {
  readonly settings: ToolSettings;
  readonly projectServers: ProjectServers;
  readonly own: readonly OwnTools[];
}

/** The module of tools that every run in a project has. */
const PROJECT_TOOLS = "decurion.tools.ts";

/**
 * Reads what there is. What is wrong with an MCP server is a problem only for agents that use it.
 *
 * @throws UsageError when a module of own tools cannot be used.
 */
export async function loadToolSources(settings: ToolSettings): Promise<ToolSources> {
  const { folder, variables } = settings;
  return {
    settings,
    projectServers: await loadProjectServers(folder, variables),
    own: await loadAllOwnTools(settings),
  };
}

async function loadAllOwnTools(settings: ToolSettings): Promise<OwnTools[]> {
  const { folder, cacheFolder, memoryMb, ownTools } = settings;
  const project = join(folder, PROJECT_TOOLS);
  const hasProject = ownTools !== project && (await stat(project).catch(() => undefined))?.isFile();
  const files = [...(ownTools === undefined ? [] : [ownTools]), ...(hasProject ? [project] : [])];
  const taken = new Set([...BUILT_IN_NAMES, ASK_HUMAN]);
  const loaded: OwnTools[] = [];
  for (const file of files) {
    const own = await loadOwnTools(file, { folder: cacheFolder, memoryMb, taken });
    for (const { name } of own.tools) taken.add(name.toLowerCase());
    loaded.push(own);
  }
  return loaded;
}
