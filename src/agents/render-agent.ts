import type { AgentDefinition } from "../domain/agent.ts";
import type { Json } from "../domain/json.ts";

/**
 * The text of a file, in strict YAML, that parses to this definition again, except for its warnings. A plugin's agent is
 * written with its own name; loading adds the plugin's name again.
 */
export function renderAgent(definition: AgentDefinition): string {
  const { name, description, tools, disallowedTools, model, frontmatter, prompt, source } = definition;
  const fields: [string, Json][] = [
    ["name", source.plugin === undefined ? name : name.slice(name.lastIndexOf(":") + 1)],
    ...(description === "" ? [] : [["description", description] satisfies [string, Json]]),
    ...(tools === "inherit" ? [] : [["tools", tools] satisfies [string, Json]]),
    ...(disallowedTools.length > 0 ? [["disallowedTools", disallowedTools] satisfies [string, Json]] : []),
    ...(model === undefined ? [] : [["model", model] satisfies [string, Json]]),
    ...Object.entries(frontmatter),
  ];
  const lines = fields.map(([key, value]) => `${renderValue(key)}: ${renderValue(value)}`);
  return `---\n${lines.join("\n")}\n---\n${prompt === "" ? "" : `\n${prompt}\n`}`;
}

/** Text that YAML reads as itself in any context. */
const PLAIN = /^[A-Za-z][\w/-]*(?: [\w/(-][\w/,.()-]*)*$/;
/** Words that some version of YAML reads as something else. */
const WORDS = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/** JSON is YAML, but text without quotes is easier to read. */
function renderValue(value: Json): string {
  if (typeof value === "string" && PLAIN.test(value) && !WORDS.test(value)) return value;
  return escapeLineEnds(JSON.stringify(value));
}

/** YAML reads some characters as line ends and refuses others, but JSON does not escape them. */
function escapeLineEnds(json: string): string {
  return json.replaceAll(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
