import { join, resolve } from "node:path";
import { loadAgents } from "../agents/registry.ts";
import type { DriverDescriptor } from "../attempts/driver.ts";
import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import { ladderFrom } from "../domain/ladder.ts";
import { resolveModel } from "../domain/model.ts";
import type { PriceTable } from "../domain/price.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { chooseDrivers } from "../drivers/choose-drivers.ts";
import type { AgentScope } from "../nodes/agent-scope.ts";
import type { Confinement } from "../processes/confinement.ts";
import { problemOfTools } from "../tools/choose-tools.ts";
import { approvalPlace } from "../tools/mcp/approved-servers.ts";
import { loadToolSources, type ToolSources } from "../tools/tool-sources.ts";
import { checkWorkspace } from "../tools/workspaces.ts";
import { confinementOf } from "./confinement.ts";
import type { Folders } from "./folders.ts";

/** The parts of a scope. */
export interface ScopeParts {
  readonly config: Config;
  readonly folders: Folders;
  readonly prices: PriceTable;
  readonly drivers: readonly DriverDescriptor[];
}

/** A scope and the sources of its agents' tools. */
export interface OpenedScope {
  readonly scope: AgentScope;
  readonly toolSources: ToolSources;
  readonly confinement: Confinement;
}

/**
 * Loads the agents of a run with these options, their models, drivers and tools.
 *
 * @throws UsageError for a missing folder, a model without a price, a driver whose package is not installed, or own tools
 *   that are not allowed here.
 */
export async function openScope(parts: ScopeParts, options: ThreadOptions): Promise<OpenedScope> {
  const { config, folders, prices } = parts;
  const home = resolve(folders.project, config.home);
  const agents = await loadAgents({
    projectDir: folders.project,
    builtinDir: join(folders.package, ".claude", "agents"),
    drivers: parts.drivers,
    ...(options.agentsDir && { agentsDir: options.agentsDir }),
    ...(folders.user && { userDir: folders.user }),
  });
  const models = modelsOf(parts, options);
  const drivers = chooseDrivers(parts.drivers, { config, folders, prices, home, options });
  if (options.workspace !== undefined) await checkWorkspace(options.workspace, home);
  const confinement = await confinementOf(parts, options);
  const toolSources = await loadTools(parts, options, confinement);
  const checkTools: AgentScope["checkTools"] = (agent) => {
    if (!drivers.descriptorFor(agent).usesOurTools) return;
    const problem = problemOfTools(agent, toolSources);
    if (problem !== undefined) throw new UsageError(problem);
  };
  const { allowCommands } = config;
  return {
    toolSources,
    confinement,
    scope: { agents, ...models, driverFor: drivers.driverFor, checkTools, allowCommands },
  };
}

/** A model comes from the task, else the run, else the agent's file, else the default. */
function modelsOf(
  { config, prices }: ScopeParts,
  options: ThreadOptions,
): Pick<AgentScope, "modelFor" | "ladderFor"> {
  const modelFor: AgentScope["modelFor"] = (taskModel, agent) => {
    const chosen = taskModel ?? options.model;
    const whose = chosen === undefined && agent.model !== undefined ? ` of agent "${agent.name}"` : "";
    return resolveModel(chosen ?? agent.model ?? config.model, config.aliases, prices, whose);
  };
  resolveModel(options.model ?? config.model, config.aliases, prices);
  const above = options.escalation === false ? [] : config.ladder;
  const escalation = above.map((name) => resolveModel(name, config.aliases, prices));
  return { modelFor, ladderFor: (taskModel, agent) => ladderFrom(modelFor(taskModel, agent), escalation) };
}

async function loadTools(
  { config, folders }: ScopeParts,
  options: ThreadOptions,
  confinement: Confinement,
): Promise<ToolSources> {
  if (options.tools !== undefined && !config.allowCommands) {
    throw new UsageError(`The tools of ${options.tools} are code: set ALLOW_COMMANDS=true to run it here.`);
  }
  return loadToolSources({
    folder: folders.project,
    approvals: approvalPlace(folders.user, folders.project),
    trustServers: config.trustServers,
    cacheFolder: join(resolve(folders.project, config.home), "tools"),
    variables: config.mcpVariables,
    connectMs: config.mcpConnectMs,
    callMs: config.toolCallMs,
    memoryMb: config.agentMemoryMb,
    confinement,
    webUses: config.webUses,
    ownTools: options.tools,
  });
}
