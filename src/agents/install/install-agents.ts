import { createHash } from "node:crypto";
import { lstat, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { AgentDefinition } from "../../domain/agent.ts";
import { NOT_OF_PLUGINS, SETTING_KEYS } from "../../domain/agent-settings.ts";
import { UsageError } from "../../domain/errors.ts";
import { isWithin } from "../find-files.ts";
import { type LoadedAgents, loadFolder } from "../load-files.ts";
import { loadPluginFolder } from "../plugins.ts";
import { renderAgent } from "../render-agent.ts";
import type { FileProblem } from "../report.ts";
import { applyChanges } from "./apply-changes.ts";
import { type InstallChanges, type InstallConflict, planInstall } from "./install-plan.ts";
import { readLockFile, renderLockFile } from "./lock-file.ts";

const LOCK_FILE = "agents.lock.json";
/** The most files that an error names. */
const NAMED = 5;

export interface Installation {
  /** The source folder: agent files, a plugin, a marketplace, or a checkout with `.claude/agents`. */
  readonly source: string;
  /** The `.claude` folder of a project or of the user. */
  readonly target: string;
  /** Overwrites files that somebody else wrote or edited. */
  readonly force: boolean;
}

export interface Installed extends InstallChanges {
  /** The folder of the installed agents. */
  readonly folder: string;
  readonly source: string;
  /** Invalid agent files of the source, which are not installed. */
  readonly errors: readonly FileProblem[];
  /** Keys of agent files that are left out, or that run commands once they are installed. */
  readonly notes: readonly FileProblem[];
}

/**
 * Copies the agents of a folder into `.claude/agents` and writes their checksums into `.claude/agents.lock.json`. Removes
 * agents that came from the same folder before and are no longer in it. All or nothing. Reads nothing outside the
 * source, not even through links. The names of a plugin's agents start with the plugin's name. Their files
 * keep no key that does not count in a plugin, because it would count in a project.
 *
 * @throws UsageError when the source has no agents, or when a file written or edited by hand would be lost.
 */
export async function installAgents({ source, target, force }: Installation): Promise<Installed> {
  const folder = join(target, "agents");
  const root = await sourceFolder(source, folder);
  const loaded = (await loadPluginFolder(root, "flag")) ?? (await loadFolder(root, "flag", true));
  const { agents, report } = loaded;
  if (agents.length === 0) {
    const why = report.errors[0] ? `: ${report.errors[0].file}: ${report.errors[0].reason}` : "";
    throw new UsageError(`There are no agents to install in ${source}${why}.`);
  }
  const contents = await contentsOf(agents, root);
  const wanted = new Map([...contents].map(([path, content]) => [path, sha256Of(content)]));
  const lockFile = join(target, LOCK_FILE);
  const locked = await readLockFile(lockFile);
  const present = await presentFiles(folder, [...wanted.keys(), ...locked.keys()]);
  const { conflicts, ...changes } = planInstall({ source: root, wanted, present, locked });
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  await refuseTakenNames(agents, folder, new Set([...wanted.keys(), ...changes.removed]));

  const after = new Map(locked);
  for (const [path, file] of locked) if (file.source === root) after.delete(path);
  for (const [path, sha256] of wanted) after.set(path, { sha256, source: root });
  const write = [...changes.added, ...changes.updated].map((path): [string, Uint8Array] => [
    join("agents", path),
    contents.get(path) ?? new Uint8Array(),
  ]);
  await applyChanges(target, {
    write: new Map<string, string | Uint8Array>([...write, [LOCK_FILE, renderLockFile(after)]]),
    remove: changes.removed.map((path) => join("agents", path)),
  });
  return { folder, source: root, ...changes, errors: report.errors, notes: agents.flatMap(notesOn) };
}

/** The agents' folder of a source: in a checkout of a project it is `.claude/agents`. */
async function sourceFolder(source: string, folder: string): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new UsageError(`${source} is not a folder. Give a folder with agents; clone a repository first.`);
  }
  const real = await realpath(source);
  const inner = join(real, ".claude", "agents");
  const innerReal = await realpath(inner).catch(() => undefined);
  const root = innerReal !== undefined && isWithin(real, innerReal) ? innerReal : real;
  if (root === (await realpath(folder).catch(() => folder))) {
    throw new UsageError(
      `${source} is the folder that agents are installed into. Give the folder that they come from.`,
    );
  }
  return root;
}

/** Each agent's file by its path within the agents folder, with `/`. */
async function contentsOf(
  agents: LoadedAgents["agents"],
  root: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = agents.map(async (agent): Promise<[string, Uint8Array]> => {
    const { file, plugin } = agent.source;
    if (plugin === undefined) return [relative(root, file).split(sep).join("/"), await readFile(file)];
    return [pluginPath(agent), Buffer.from(renderAgent(withoutPlugin(agent)))];
  });
  return new Map(await Promise.all(entries));
}

/** `plugin/folder/name.md`. A part with only dots would lead out of the folder. */
function pluginPath({ name }: AgentDefinition): string {
  return `${name
    .split(":")
    .map((part) => part.replace(/^\.*$/, "_"))
    .join("/")}.md`;
}

/** The agent as one of a project, with the keys that count in a plugin alone. */
function withoutPlugin(agent: AgentDefinition): AgentDefinition {
  const { plugin: _, ...source } = agent.source;
  const kept = Object.entries(agent.frontmatter).filter(([key]) => isOfPluginFile(key));
  return { ...agent, source, frontmatter: Object.fromEntries(kept) };
}

function isOfPluginFile(key: string): boolean {
  return SETTING_KEYS.includes(key) && !NOT_OF_PLUGINS.includes(key);
}

function notesOn({ source: { file, plugin }, frontmatter }: AgentDefinition): FileProblem[] {
  const keys = Object.keys(frontmatter);
  const lost = plugin === undefined ? [] : keys.filter((key) => !isOfPluginFile(key));
  const strong = plugin === undefined ? keys.filter((key) => NOT_OF_PLUGINS.includes(key)) : [];
  return [
    ...(lost.length > 0
      ? [{ file, reason: `${lost.join(", ")} left out: a plugin's agent cannot set it` }]
      : []),
    ...(strong.length > 0
      ? [{ file, reason: `it sets ${strong.join(", ")}: read the file before you use it` }]
      : []),
  ];
}

/** Checksums of existing files. An unreadable file has a checksum that matches nothing. */
async function presentFiles(folder: string, paths: readonly string[]): Promise<Map<string, string>> {
  const read = [...new Set(paths)].map(async (path): Promise<[string, string][]> => {
    const file = join(folder, path);
    const found = await lstat(file).catch(() => undefined);
    if (!found) return [];
    if (!found.isFile() && !found.isDirectory() && !found.isSymbolicLink()) return [[path, ""]];
    if (found.isDirectory()) {
      throw new UsageError(`Nothing was installed, because ${file} is a folder. Remove or rename it first.`);
    }
    return [[path, await readFile(file).then(sha256Of, () => "")]];
  });
  return new Map((await Promise.all(read)).flat());
}

function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function conflictError(conflicts: readonly InstallConflict[]): UsageError {
  const named = conflicts.slice(0, NAMED).map(({ path, reason }) => `${path} ${reason}`);
  const more = conflicts.length - named.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return new UsageError(
    `Nothing was installed, because files would be lost: ${named.join("; ")}${rest}. Add --force to overwrite them.`,
  );
}

/** A second agent with the same name would be an error of the folder. */
async function refuseTakenNames(
  agents: LoadedAgents["agents"],
  folder: string,
  replaced: ReadonlySet<string>,
): Promise<void> {
  const there = (await loadFolder(folder, "flag")).agents.filter(
    ({ source }) => !replaced.has(relative(folder, source.file).split(sep).join("/")),
  );
  const files = new Map(there.map(({ name, source }) => [name, source.file]));
  const taken = agents.find(({ name }) => files.has(name));
  if (!taken) return;
  throw new UsageError(
    `Nothing was installed, because an agent "${taken.name}" already exists: ${files.get(taken.name)}. Remove or rename it first.`,
  );
}

/** The folder for a scope's agents: `.claude` of the project or of the user's home. */
export function targetFolder(base: string): string {
  return resolve(base, ".claude");
}
