import { type AgentSettings, SETTING_KEYS } from "./agent-settings.ts";
import type { Json } from "./json.ts";
import type { ToolSelection } from "./tool-list.ts";

export type { ToolSelection } from "./tool-list.ts";

/** Where a definition comes from, strongest first: of two agents with one name, the stronger scope wins. */
export const AGENT_SCOPES = ["flag", "project", "user", "plugin", "builtin"] as const;
export type AgentScope = (typeof AGENT_SCOPES)[number];

export interface AgentSource {
  readonly file: string;
  readonly scope: AgentScope;
  /** The plugin's name, for an agent of a plugin. */
  readonly plugin?: string;
}

export function isOfPlugin({ scope, plugin }: AgentSource): boolean {
  return scope === "plugin" || plugin !== undefined;
}

/** One agent as read from a Claude Code markdown file. */
export interface AgentDefinition {
  /** Unique in a registry; a plugin's agents are `plugin:name`. */
  readonly name: string;
  /** When to use the agent; empty when the file has none. */
  readonly description: string;
  /** The system prompt: the file's body, with `\n` as line end, trimmed. */
  readonly prompt: string;
  /** `tools` without those that start agents and the disallowed ones. `inherit` does not include SPAWNING_TOOLS either. */
  readonly tools: ToolSelection;
  readonly disallowedTools: readonly string[];
  /** An alias or a full id, as written; undefined when the file has none. */
  readonly model: string | undefined;
  readonly settings: AgentSettings;
  readonly source: AgentSource;
  /** Sentences for `agents check`. The agent works in spite of them. */
  readonly warnings: readonly string[];
  /** All other frontmatter keys with their values as written; `settings` holds the parsed values of the known ones. */
  readonly frontmatter: Readonly<Record<string, Json>>;
}

/** The frontmatter keys of Claude Code and Decurion. */
export const KNOWN_KEYS: readonly string[] = [
  ...["name", "description", "tools", "disallowedTools", "model"],
  ...SETTING_KEYS,
];
