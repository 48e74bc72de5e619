import type { AgentDefinition, AgentScope } from "../domain/agent.ts";
import { messageOf } from "../domain/errors.ts";
import { MOST_BYTES, readRegularFile, whyNotRegular } from "../regular-file.ts";
import { findMarkdownFiles } from "./find-files.ts";
import { type ParsedAgentFile, parseAgentFile, problemOfName } from "./parse.ts";
import type { AgentReport, FileProblem } from "./report.ts";

/** A file that may be an agent. */
export interface AgentFile {
  readonly file: string;
  /** The prefixes of its agent's name, joined by colons: a plugin's name and the folders within it. */
  readonly namespace?: readonly string[];
  /** Whether something declares it as an agent, so that any other file is an error. */
  readonly isExpected?: boolean;
}

/** The agents of some files, each name once, and a report about the files. */
export interface LoadedAgents {
  readonly agents: readonly AgentDefinition[];
  readonly report: AgentReport;
}

/** Every Markdown file below a folder; with `isBound` a link that leads out of it is an error. */
export async function loadFolder(folder: string, scope: AgentScope, isBound = false): Promise<LoadedAgents> {
  const problems: FileProblem[] = [];
  const onOutside = (file: string) => {
    problems.push({ file, reason: "it is a link that leads out of its folder" });
  };
  const files = await findMarkdownFiles(folder, isBound ? { root: folder, onOutside } : undefined);
  return loadFiles(
    files.map((file) => ({ file })),
    scope,
    problems,
  );
}

/** Reads agent files. The first of two with one name is used; the other is an error. */
export async function loadFiles(
  files: readonly AgentFile[],
  scope: AgentScope,
  problems: readonly FileProblem[] = [],
): Promise<LoadedAgents> {
  const parsed = await Promise.all(files.map((file) => loadFile(file, scope)));
  const agents = new Map<string, AgentDefinition>();
  const errors = [...problems];
  let lenient = 0;
  for (const [index, result] of parsed.entries()) {
    const file = files[index]?.file ?? "";
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
  const shown = [...agents.values()].map(
    ({ name, source, model, tools, disallowedTools, settings, warnings }) => ({
      name,
      file: source.file,
      model: model ?? null,
      tools,
      disallowedTools,
      settings,
      warnings,
    }),
  );
  const report = { files: files.length, loaded: agents.size, lenient, agents: shown, errors };
  return { agents: [...agents.values()], report };
}

async function loadFile({ file, namespace = [], isExpected }: AgentFile, scope: AgentScope) {
  try {
    const why = whyNotRegular(file, MOST_BYTES.agent);
    if (why !== undefined) return failed(why);
    const parsed = parseOnce(await readRegularFile(file, MOST_BYTES.agent), file, scope, namespace[0]);
    if (parsed.kind === "document" && isExpected)
      return failed("it has no frontmatter, so it is not an agent");
    return parsed.kind === "agent" ? withNamespace(parsed, namespace) : parsed;
  } catch (error) {
    return failed(`it cannot be read: ${messageOf(error)}`);
  }
}

/** A cache of parsed files: each run reads all of them, and few change. */
const known = new Map<string, { readonly text: string; readonly parsed: ParsedAgentFile }>();
const MAX_KNOWN = 2000;

function parseOnce(text: string, file: string, scope: AgentScope, plugin: string | undefined) {
  const key = JSON.stringify([file, scope, plugin]);
  const before = known.get(key);
  if (before?.text === text) return before.parsed;
  if (known.size >= MAX_KNOWN) known.clear();
  const parsed = parseAgentFile(text, file, scope, plugin);
  known.set(key, { text, parsed });
  return parsed;
}

function failed(reason: string): ParsedAgentFile {
  return { kind: "error", reason };
}

function withNamespace(
  parsed: Extract<ParsedAgentFile, { kind: "agent" }>,
  namespace: readonly string[],
): ParsedAgentFile {
  const prefix = namespace.map((part) => `${part}:`).join("");
  const { agent } = parsed;
  if (agent.name.startsWith(prefix)) return parsed;
  const name = `${prefix}${agent.name}`.normalize("NFC");
  const problem = problemOfName(name);
  return problem === undefined ? { ...parsed, agent: { ...agent, name } } : failed(problem);
}
