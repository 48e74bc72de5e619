import type { AgentDefinition } from "../domain/agent.ts";
import type { Json } from "../domain/json.ts";

/**
 * The text of a file that parses to this definition, in strict YAML: all but the warnings comes back the same. A
 * plugin's agent is written under its own name, which the plugin's stands before again when it is loaded.
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

/** Text which YAML reads as that text and nothing else, whatever stands around it. */
const PLAIN = /^[A-Za-z][\w/-]*(?: [\w/(-][\w/,.()-]*)*$/;
/** Words that YAML, of whatever version, reads as something else. */
const WORDS = /^(?:true|false|yes|no|on|off|y|n|null)$/i;

/** JSON is YAML, but people would rather read text without quotes. */
function renderValue(value: Json): string {
  if (typeof value === "string" && PLAIN.test(value) && !WORDS.test(value)) return value;
  return escapeLineEnds(JSON.stringify(value));
}

/** YAML takes some characters for the end of a line which JSON leaves as they are, and refuses others. */
function escapeLineEnds(json: string): string {
  return json.replaceAll(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
