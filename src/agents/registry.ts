import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { indexAgentNames } from "../core/agent-names.ts";
import { closestTo } from "../core/close-matches.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import { clip } from "../core/text.ts";
import type { AgentDefinition, AgentScope, ToolSelection } from "./definition.ts";
import { findMarkdownFiles } from "./find-files.ts";
import { parseAgentFile } from "./parse.ts";

/** What came of a folder's files: the JSON of `agents check`. Plain documents are neither agents nor errors. */
export interface AgentReport {
  readonly files: number;
  readonly loaded: number;
  /** Agents whose frontmatter is not valid YAML and was read leniently. */
  readonly lenient: number;
  readonly agents: readonly {
    readonly name: string;
    readonly file: string;
    readonly model: string | null;
    readonly tools: ToolSelection;
    readonly warnings: readonly string[];
  }[];
  readonly errors: readonly { readonly file: string; readonly reason: string }[];
}

/** The agents of a run, each name once. */
export interface AgentRegistry {
  readonly names: readonly string[];
  list(): readonly AgentDefinition[];
  /** By name; also in another case, or a plugin's agent without its plugin where that leaves no doubt. */
  find(name: string): AgentDefinition | undefined;
  /** @throws UsageError naming the closest matches when there is no such agent. */
  get(name: string): AgentDefinition;
  readonly report: AgentReport;
}

export interface AgentSources {
  /** A folder named by the person; it must be there. */
  readonly agentsDir?: string;
  /** Its `.claude/agents` are loaded. */
  readonly projectDir: string;
  /** The user's home: its `.claude/agents` are loaded. */
  readonly userDir?: string;
  /** The agents that come with the package. */
  readonly builtinDir: string;
}

/**
 * Loads every agent there is; of two with one name the one of the stronger scope is used: the folder named by
 * the person, the project, the user, the package. A file that cannot be an agent is in the report and harms
 * no other.
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
  const loaded = await Promise.all(once.map(({ folder, scope }) => loadFolder(folder, scope)));
  return createRegistry(
    loaded.flatMap((one) => one.agents),
    mergeReports(loaded.map((one) => one.report)),
  );
}

/** One folder's files on their own. @throws UsageError when it is not a folder. */
export async function checkAgents(folder: string): Promise<AgentReport> {
  await requireFolder(folder);
  return (await loadFolder(folder, "flag")).report;
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new UsageError(
    `The agents folder ${folder} ${found ? "is not a folder" : "does not exist"}: give one with agent files.`,
  );
}

interface LoadedFolder {
  readonly agents: readonly AgentDefinition[];
  readonly report: AgentReport;
}

async function loadFolder(folder: string, scope: AgentScope): Promise<LoadedFolder> {
  const files = await findMarkdownFiles(folder);
  const parsed = await Promise.all(files.map((file) => loadFile(file, scope)));
  const agents = new Map<string, AgentDefinition>();
  const errors: { file: string; reason: string }[] = [];
  let lenient = 0;
  for (const [index, result] of parsed.entries()) {
    const file = files[index] ?? "";
    if (result.kind === "error") errors.push({ file, reason: result.reason });
    if (result.kind !== "agent") continue;
    const first = agents.get(result.agent.name);
    if (first) {
      errors.push({ file, reason: `its name "${result.agent.name}" is taken by ${first.source.file}` });
      continue;
    }
    agents.set(result.agent.name, result.agent);
    if (result.lenient) lenient += 1;
  }
  const shown = [...agents.values()].map(({ name, source, model, tools, warnings }) => ({
    ...{ name, file: source.file, model: model ?? null, tools, warnings },
  }));
  const report = { files: files.length, loaded: agents.size, lenient, agents: shown, errors };
  return { agents: [...agents.values()], report };
}

async function loadFile(file: string, scope: AgentScope) {
  try {
    return parseAgentFile(await readFile(file, "utf8"), file, scope);
  } catch (error) {
    return { kind: "error" as const, reason: `it cannot be read: ${messageOf(error)}` };
  }
}

function mergeReports(reports: readonly AgentReport[]): AgentReport {
  const sum = (count: (report: AgentReport) => number) =>
    reports.reduce((total, report) => total + count(report), 0);
  return {
    files: sum((report) => report.files),
    loaded: sum((report) => report.loaded),
    lenient: sum((report) => report.lenient),
    agents: reports.flatMap((report) => report.agents),
    errors: reports.flatMap((report) => report.errors),
  };
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
      const close = closestTo(name, names);
      const hint =
        close.length > 0
          ? `did you mean ${close.join(" or ")}?`
          : `there are ${clip(names.join(", "), 300)}.`;
      throw new UsageError(`There is no agent "${name}": ${hint}`);
    },
  };
}
