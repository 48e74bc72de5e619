import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { AGENT_SCOPES, type AgentDefinition, type AgentScope } from "../domain/agent.ts";
import { agentNameKey, indexAgentNames } from "../domain/agent-names.ts";
import type { DriverTraits } from "../domain/driver-traits.ts";
import { UsageError } from "../domain/errors.ts";
import { closestTo } from "../format/close-matches.ts";
import { clip } from "../format/text.ts";
import { withDriverWarnings } from "./driver-warnings.ts";
import { loadInstalledPlugins } from "./installed-plugins.ts";
import { type LoadedAgents, loadFolder } from "./load-files.ts";
import { loadPluginFolder, mergeLoaded } from "./plugins.ts";
import type { AgentReport, FileProblem } from "./report.ts";

/** The agents of a run, each name once. */
export interface AgentRegistry {
  readonly names: readonly string[];
  list(): readonly AgentDefinition[];
  /** By name, in any case. A plugin's agent needs no plugin name when its own name is unique. */
  find(name: string): AgentDefinition | undefined;
  /** @throws UsageError with the closest names when there is no such agent. */
  get(name: string): AgentDefinition;
  readonly report: AgentReport;
}

export interface AgentSources {
  /** A folder that a person chose. It must exist, and may be a plugin or a marketplace of plugins. */
  readonly agentsDir?: string;
  /** The project's folder, with its `.claude/agents`. */
  readonly projectDir: string;
  /** The user's home, with its `.claude/agents` and the plugins in its `.claude/plugins`. */
  readonly userDir?: string;
  /** The folder of the package's agents. */
  readonly builtinDir: string;
  /** The drivers that agent files may name. */
  readonly drivers: readonly DriverTraits[];
}

/**
 * Loads all agents. When several have one name, the strongest scope wins, in this order: the folder that a person chose,
 * the project, the user, the user's plugins, the package. An invalid file is in the report and affects no other.
 *
 * @throws UsageError when `agentsDir` is not a folder.
 */
export async function loadAgents(sources: AgentSources): Promise<AgentRegistry> {
  const { agentsDir, projectDir, userDir, builtinDir } = sources;
  if (agentsDir !== undefined) await requireFolder(agentsDir);
  const folders: { folder: string; scope: AgentScope }[] = [
    ...(agentsDir === undefined ? [] : [{ folder: agentsDir, scope: "flag" as const }]),
    { folder: join(projectDir, ".claude", "agents"), scope: "project" },
    ...(userDir === undefined
      ? []
      : [{ folder: join(userDir, ".claude", "agents"), scope: "user" as const }]),
    { folder: builtinDir, scope: "builtin" },
  ];
  const once = folders.filter(
    ({ folder }, index) => folders.findIndex((other) => resolve(other.folder) === resolve(folder)) === index,
  );
  const loaded = await Promise.all([
    ...once.map(({ folder, scope }) =>
      scope === "flag" ? loadAnyFolder(folder, scope) : loadFolder(folder, scope),
    ),
    ...(userDir === undefined ? [] : [loadInstalledPlugins(userDir, projectDir)]),
  ]);
  const { agents, report } = withDriverWarnings(mergeLoaded(loaded), sources.drivers);
  const strength = ({ source }: AgentDefinition) => AGENT_SCOPES.indexOf(source.scope);
  const strongestFirst = agents.toSorted((a, b) => strength(a) - strength(b));
  const notes = [...(report.notes ?? []), ...overshadowed(strongestFirst)];
  return createRegistry(strongestFirst, { ...report, ...(notes.length > 0 && { notes }) });
}

/** Notes about agents that are hidden by one with the same name in a stronger scope. */
function overshadowed(strongestFirst: readonly AgentDefinition[]): FileProblem[] {
  const used = new Map<string, string>();
  const notes: FileProblem[] = [];
  for (const { name, source } of strongestFirst) {
    const stronger = used.get(name);
    if (stronger === undefined) used.set(name, source.file);
    else
      notes.push({ file: source.file, reason: `its agent "${name}" is not used, ${stronger} has that name` });
  }
  return notes;
}

/** The agents of one folder alone. @throws UsageError when it is not a folder. */
export async function checkAgents(folder: string, drivers: readonly DriverTraits[]): Promise<AgentReport> {
  await requireFolder(folder);
  return withDriverWarnings(await loadAnyFolder(folder, "flag"), drivers).report;
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new UsageError(
    `The agents folder ${folder} ${found ? "is not a folder" : "does not exist"}. Give a folder with agent files.`,
  );
}

/** A folder's agents: those that its plugin or marketplace declares, otherwise those of all files. */
async function loadAnyFolder(folder: string, scope: AgentScope): Promise<LoadedAgents> {
  return (await loadPluginFolder(folder, scope)) ?? loadFolder(folder, scope);
}

function createRegistry(strongestFirst: readonly AgentDefinition[], report: AgentReport): AgentRegistry {
  const byName = new Map<string, AgentDefinition>();
  for (const agent of strongestFirst) if (!byName.has(agent.name)) byName.set(agent.name, agent);
  const names = [...byName.keys()].sort();
  const lookup = indexAgentNames(names);
  const find = (name: string): AgentDefinition | undefined => {
    const [only, second] = lookup(name);
    return only !== undefined && second === undefined ? byName.get(only) : undefined;
  };
  return {
    names,
    report,
    find,
    list: () => names.flatMap((name) => byName.get(name) ?? []),
    get: (name) => {
      const agent = find(name);
      if (agent) return agent;
      const broken = report.errors.find(({ file }) => isNamedAfter(file, name));
      if (broken) throw new UsageError(`There is no agent "${name}": ${broken.file}: ${broken.reason}.`);
      const close = closestTo(name, names);
      const hint =
        close.length > 0
          ? `Did you mean ${close.join(" or ")}?`
          : `The agents are: ${clip(names.join(", "), 300)}.`;
      throw new UsageError(`There is no agent "${name}". ${hint}`);
    },
  };
}

function isNamedAfter(file: string, name: string): boolean {
  return agentNameKey(basename(file).replace(/\.md$/i, "")) === agentNameKey(name);
}
