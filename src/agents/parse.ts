import { basename } from "node:path";
import {
  type AgentDefinition,
  type AgentScope,
  type AgentSource,
  isOfPlugin,
  KNOWN_KEYS,
} from "../domain/agent.ts";
import { agentNameKey } from "../domain/agent-names.ts";
import { readSettings } from "../domain/agent-settings.ts";
import type { Json } from "../domain/json.ts";
import { parseDisallowed, parseRefusedTools, selectTools } from "../domain/tool-list.ts";
import { closestTo } from "../format/close-matches.ts";
import { splitFrontmatter } from "./frontmatter.ts";
import { judgedAllowed, judgedDisallowed } from "./judged-rules.ts";
import { readMapping, type YamlMapping } from "./lenient-yaml.ts";

/** The content of a Markdown file. A document (a README) is neither an agent nor an error. */
export type ParsedAgentFile =
  /** `lenient`: strict YAML refused the frontmatter; the first warning says why. */
  | { readonly kind: "agent"; readonly agent: AgentDefinition; readonly lenient: boolean }
  | { readonly kind: "document" }
  | { readonly kind: "error"; readonly reason: string };

/** Real frontmatter has a few kilobytes at most. YAML takes too long on megabytes of nonsense. */
const MAX_FRONTMATTER_CHARACTERS = 65_536;
const MAX_NAME_CHARACTERS = 100;
/** Printable characters, without those of paths, mentions, markup and lists. */
const NAME = /^[\p{L}\p{M}\p{N}\p{Emoji_Presentation} ._:+&()'-]+$/u;
const MODEL = /^(sonnet|opus|haiku|fable)$|claude-/i;

/**
 * Makes the text of one agent file trusted. Never throws. Enforces the single level: removes tools that start agents
 * from `tools`, with a warning; a file that lists no other tools is an error.
 */
export function parseAgentFile(
  text: string,
  file: string,
  scope: AgentScope = "flag",
  plugin?: string,
): ParsedAgentFile {
  const split = splitFrontmatter(text);
  if (split.kind === "plain") return { kind: "document" };
  if (split.kind === "unclosed") return failed("its frontmatter has no closing line `---`");
  if (split.yaml.length > MAX_FRONTMATTER_CHARACTERS) return failed("its frontmatter is longer than 64 KB");
  const mapping = readMapping(split.yaml, KNOWN_KEYS, split.firstLine);
  if (!mapping || ![...mapping.entries.keys()].some((key) => KNOWN_KEYS.includes(key))) {
    return { kind: "document" };
  }
  return parseAgent(mapping, split.body, { file, scope, ...(plugin !== undefined && { plugin }) });
}

function failed(reason: string): ParsedAgentFile {
  return { kind: "error", reason };
}

function parseAgent(mapping: YamlMapping, prompt: string, source: AgentSource): ParsedAgentFile {
  const { entries } = mapping;
  const ownName = basename(source.file).replace(/\.md$/i, "").normalize("NFC");
  const name = textOf(mapping, "name").normalize("NFC") || ownName;
  const nameProblem = problemOfName(name);
  if (nameProblem) return failed(nameProblem);
  const description = textOf(mapping, "description");
  const written = entries.get("tools")?.value;
  const denied = judgedDisallowed([
    ...parseDisallowed(entries.get("disallowedTools")?.value),
    ...parseRefusedTools(written),
  ]);
  const selected = judgedAllowed(selectTools(written, denied.entries));
  if ("error" in selected) return failed(selected.error);
  const frontmatter = otherKeys(mapping);
  const { settings, warnings: ofSettings } = readSettings(frontmatter, isOfPlugin(source));
  const warnings = [
    ...(mapping.strictError ? [`not valid YAML, read leniently: ${mapping.strictError}`] : []),
    ...mapping.problems,
    ...(textOf(mapping, "name") === "" ? ['no "name", so the file name is used'] : []),
    ...(agentNameKey(name) === agentNameKey(ownName) ? [] : [`named "${name}" in a file named "${ownName}"`]),
    ...(/\s/.test(name) ? [`the name has spaces: mention it as @${agentNameKey(name)}`] : []),
    ...(description === "" ? ['no "description", which Claude Code requires and routing needs'] : []),
    ...(prompt === "" ? ["no text after the frontmatter, so the agent has no prompt"] : []),
    ...selected.warnings,
    ...denied.warnings,
    ...warningsOfModel(textOf(mapping, "model")),
    ...ofSettings,
    ...warningsOfKeys([...entries.keys()]),
  ];
  const agent: AgentDefinition = {
    name,
    description,
    prompt,
    tools: selected.tools,
    disallowedTools: denied.entries,
    model: modelOf(textOf(mapping, "model")),
    settings,
    source,
    warnings,
    frontmatter,
  };
  return { kind: "agent", agent, lenient: mapping.strictError !== undefined };
}

function textOf(mapping: YamlMapping, key: string): string {
  return mapping.entries.get(key)?.text?.trim() ?? "";
}

/** Why a name is not valid for an agent; undefined when it is. */
export function problemOfName(name: string): string | undefined {
  if (name.length > MAX_NAME_CHARACTERS) return `its name is longer than ${MAX_NAME_CHARACTERS} characters`;
  if (!NAME.test(name)) return `its name ${JSON.stringify(name)} has characters that a name cannot have`;
  if (!/[\p{L}\p{N}]/u.test(name)) return `its name ${JSON.stringify(name)} has no letter or digit`;
  return undefined;
}

function modelOf(written: string): string | undefined {
  return written === "" || written.toLowerCase() === "inherit" ? undefined : written;
}

function warningsOfModel(written: string): string[] {
  const model = modelOf(written);
  return model === undefined || MODEL.test(model)
    ? []
    : [`model "${model}" is not a known alias or a Claude model id. Define it in MODEL_MAP`];
}

function warningsOfKeys(keys: readonly string[]): string[] {
  const unknown = keys.filter((key) => !KNOWN_KEYS.includes(key));
  return unknown.length > 0 ? [`unknown keys, kept without effect: ${unknown.map(withHint).join(", ")}`] : [];
}

/** Keys of slash commands and of other tools that people confuse with these. */
const MEANT: Readonly<Record<string, string>> = {
  "allowed-tools": "tools",
  allowedTools: "tools",
  "disallowed-tools": "disallowedTools",
};

function withHint(key: string): string {
  const meant = (Object.hasOwn(MEANT, key) ? MEANT[key] : undefined) ?? closestTo(key, KNOWN_KEYS)[0];
  return meant ? `${key} (did you mean ${meant}?)` : key;
}

const OWN_FIELDS = ["name", "description", "tools", "disallowedTools", "model"];

function otherKeys(mapping: YamlMapping): Record<string, Json> {
  const others = [...mapping.entries].filter(([key]) => !OWN_FIELDS.includes(key));
  return Object.fromEntries(others.map(([key, entry]) => [key, entry.value]));
}
