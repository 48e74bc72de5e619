import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Confinement } from "../processes/confinement.ts";
import { ASK_HUMAN } from "./ask-human.ts";
import { BUILT_IN_NAMES } from "./builtin/built-in.ts";
import {
  ALL_APPROVED,
  type ApprovalPlace,
  type ApprovedServers,
  readApproved,
} from "./mcp/approved-servers.ts";
import type { Variables } from "./mcp/expand-variables.ts";
import { loadProjectServers, type ProjectServers } from "./mcp/project-servers.ts";
import { loadOwnTools, type OwnTools } from "./own/own-tools.ts";

/** Where the tools of a run's agents come from, and how they run. */
export interface ToolSettings {
  /** The project's folder: its `.mcp.json` and `decurion.tools.ts` are read, and servers run in it. */
  readonly folder: string;
  /** The approvals of MCP servers. */
  readonly approvals: ApprovalPlace;
  /** Whether all MCP servers count as approved. */
  readonly trustServers: boolean;
  /** The variables that configurations of MCP servers may use. */
  readonly variables: Variables;
  /** How long a server may take to start, and a call of one of its tools or of an own tool. */
  readonly connectMs: number;
  readonly callMs: number;
  /** How many searches, and how many fetches, one call may make on the web. */
  readonly webUses: number;
  /** The folder for bundles of own tools. */
  readonly cacheFolder: string;
  readonly memoryMb: number;
  /** What their processes share. */
  readonly confinement: Confinement;
  /** Another module of own tools, if the run names one. */
  readonly ownTools: string | undefined;
}

/** The sources of tools in addition to the built-in ones. */
export interface ToolSources {
  readonly settings: ToolSettings;
  readonly projectServers: ProjectServers;
  readonly approved: ApprovedServers;
  readonly own: readonly OwnTools[];
}

/** The module of tools for every run in a project. */
const PROJECT_TOOLS = "decurion.tools.ts";

/**
 * Reads all sources. A fault in an MCP server's configuration is a problem only for agents that use the server.
 *
 * @throws UsageError when a module of own tools, or the file of approvals, is not usable.
 */
export async function loadToolSources(settings: ToolSettings): Promise<ToolSources> {
  const { folder, approvals, variables, trustServers } = settings;
  return {
    settings,
    projectServers: await loadProjectServers(folder, variables),
    approved: trustServers ? ALL_APPROVED : await readApproved(approvals),
    own: await loadAllOwnTools(settings),
  };
}

async function loadAllOwnTools(settings: ToolSettings): Promise<OwnTools[]> {
  const { folder, cacheFolder, memoryMb, confinement, ownTools } = settings;
  const project = join(folder, PROJECT_TOOLS);
  const hasProject = ownTools !== project && (await stat(project).catch(() => undefined))?.isFile();
  const files = [...(ownTools === undefined ? [] : [ownTools]), ...(hasProject ? [project] : [])];
  const taken = new Set([...BUILT_IN_NAMES, ASK_HUMAN]);
  const loaded: OwnTools[] = [];
  for (const file of files) {
    const own = await loadOwnTools(file, {
      folder: cacheFolder,
      project: folder,
      memoryMb,
      confinement,
      taken,
    });
    for (const { name } of own.tools) taken.add(name.toLowerCase());
    loaded.push(own);
  }
  return loaded;
}
