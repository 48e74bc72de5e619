import { basename, dirname, join, relative, sep } from "node:path";
import type { AgentScope } from "../domain/agent.ts";
import { findMarkdownFiles, findWithin } from "./find-files.ts";
import { type AgentFile, type LoadedAgents, loadFiles } from "./load-files.ts";
import {
  MARKETPLACE_FILE,
  type Marketplace,
  type MarketplaceEntry,
  PLUGIN_FILE,
  parseMarketplace,
  parsePluginManifest,
  readJsonFile,
} from "./plugin-manifest.ts";
import { type FileProblem, mergeReports } from "./report.ts";

/** A plugin's folder and its entry in a marketplace. */
export interface PluginSource {
  readonly root: string;
  readonly listedName?: string | undefined;
  readonly listedAgents?: readonly string[] | undefined;
}

/**
 * The agents, named `plugin:name`, of a folder that is a plugin or a marketplace of plugins; undefined when it is
 * neither. Loads what is valid and reports everything else as errors. Reads nothing outside the folder.
 */
export async function loadPluginFolder(root: string, scope: AgentScope): Promise<LoadedAgents | undefined> {
  const [marketplace, plugin] = await Promise.all([
    readJsonFile(join(root, MARKETPLACE_FILE)),
    readJsonFile(join(root, PLUGIN_FILE)),
  ]);
  if (!marketplace) return plugin ? loadPlugin({ root }, scope) : undefined;
  const file = join(root, MARKETPLACE_FILE);
  const parsed: Marketplace =
    "value" in marketplace
      ? parseMarketplace(marketplace.value)
      : { entries: [], pluginRoot: undefined, problems: [marketplace.problem] };
  const found = await Promise.all(parsed.entries.map((entry) => findPlugin(root, entry, parsed.pluginRoot)));
  const roots = found.flatMap((one) => ("plugin" in one ? [one.plugin] : []));
  // A repository with one plugin is often its own marketplace.
  const self = plugin && !roots.some((one) => relative(one.root, root) === "") ? [{ root }] : [];
  const errors = [
    ...parsed.problems.map((reason) => ({ file, reason })),
    ...found.flatMap((one) => ("problem" in one ? [{ file, reason: one.problem }] : [])),
  ];
  const notes = found.flatMap((one) => ("note" in one ? [{ file, reason: one.note }] : []));
  const loaded = await Promise.all([...roots, ...self].map((one) => loadPlugin(one, scope)));
  const about = { files: 0, loaded: 0, lenient: 0, agents: [], errors, notes };
  return withoutRepeats(mergeLoaded([{ agents: [], report: about }, ...loaded]));
}

/** Plugins with the same name may have agents with the same name. Only the first of these is used. */
function withoutRepeats({ agents, report }: LoadedAgents): LoadedAgents {
  const first = new Map<string, string>();
  for (const { name, source } of agents) if (!first.has(name)) first.set(name, source.file);
  const isFirst = (name: string, file: string) => first.get(name) === file;
  const repeated = report.agents.filter(({ name, file }) => !isFirst(name, file));
  const errors = repeated.map(({ name, file }) => ({
    file,
    reason: `its name "${name}" is taken by ${first.get(name)}`,
  }));
  return {
    agents: agents.filter(({ name, source }) => isFirst(name, source.file)),
    report: {
      ...report,
      loaded: report.loaded - repeated.length,
      agents: report.agents.filter(({ name, file }) => isFirst(name, file)),
      errors: [...report.errors, ...errors],
    },
  };
}

export function mergeLoaded(loaded: readonly LoadedAgents[]): LoadedAgents {
  return {
    agents: loaded.flatMap((one) => one.agents),
    report: mergeReports(loaded.map((one) => one.report)),
  };
}

type FoundPlugin =
  | { readonly plugin: PluginSource }
  | { readonly problem: string }
  | { readonly note: string };

async function findPlugin(
  root: string,
  { name, source, agents }: MarketplaceEntry,
  pluginRoot: string | undefined,
): Promise<FoundPlugin> {
  if ("elsewhere" in source) {
    return { note: `plugin "${name}" comes from elsewhere and is not loaded: ${source.elsewhere}` };
  }
  const below = pluginRoot === undefined ? undefined : await findWithin(root, join(pluginRoot, source.path));
  const found = below && "path" in below ? below : await findWithin(root, source.path);
  if ("problem" in found) return { problem: `plugin "${name}": ${found.problem}` };
  if (!found.isFolder) return { problem: `plugin "${name}": ${JSON.stringify(source.path)} is not a folder` };
  return { plugin: { root: found.path, listedName: name, listedAgents: agents } };
}

/** One plugin's agents. */
export async function loadPlugin(source: PluginSource, scope: AgentScope): Promise<LoadedAgents> {
  const { root, listedName, listedAgents } = source;
  const file = join(root, PLUGIN_FILE);
  const json = await readJsonFile(file);
  const manifest =
    json && "value" in json
      ? parsePluginManifest(json.value)
      : { name: undefined, agents: undefined, problems: json ? [json.problem] : [] };
  const name = manifest.name ?? listedName ?? basename(root);
  const named = [...(manifest.agents ?? []), ...(listedAgents ?? [])];
  const isNamed = manifest.agents !== undefined || listedAgents !== undefined;
  const problems: FileProblem[] = manifest.problems.map((reason) => ({ file, reason }));
  const about = json ? file : root;
  const refuse = (reason: string) => problems.push({ file: about, reason: `plugin "${name}": ${reason}` });
  const files = isNamed
    ? await filesNamed(root, name, named, refuse)
    : await filesBelow(root, join(root, "agents"), name, refuse);
  return loadFiles(files, scope, problems);
}

type Refuse = (reason: string) => void;

async function filesNamed(
  root: string,
  plugin: string,
  paths: readonly string[],
  refuse: Refuse,
): Promise<AgentFile[]> {
  const files = new Map<string, AgentFile>();
  for (const written of paths) {
    const found = await findWithin(root, written);
    if ("problem" in found) refuse(found.problem);
    else if (found.isFolder) {
      for (const one of await filesBelow(root, found.path, plugin, refuse)) files.set(one.file, one);
    } else if (!/\.md$/i.test(found.path))
      refuse(`the path ${JSON.stringify(written)} is not a Markdown file`);
    else if (!files.has(found.path)) {
      files.set(found.path, { file: found.path, namespace: [plugin], isExpected: true });
    }
  }
  return [...files.values()];
}

/** The names of agents in folders below contain the folders, as in Claude Code: `plugin:review:security`. */
async function filesBelow(
  root: string,
  folder: string,
  plugin: string,
  refuse: Refuse,
): Promise<AgentFile[]> {
  const onOutside = (path: string) => refuse(`${path} is a link that leads out of its folder`);
  const files = await findMarkdownFiles(folder, { root, onOutside });
  return files.map((file) => {
    const between = relative(folder, dirname(file));
    return { file, namespace: [plugin, ...(between === "" ? [] : between.split(sep))] };
  });
}
