import { type AgentSettings, SETTING_KEYS } from "./agent-settings.ts";
import type { Json } from "./json.ts";
import type { ToolSelection } from "./tool-list.ts";

export type { ToolSelection } from "./tool-list.ts";

/** Where a definition came from, strongest first: of two agents with one name the stronger scope's is used. */
export const AGENT_SCOPES = ["flag", "project", "user", "plugin", "builtin"] as const;
export type AgentScope = (typeof AGENT_SCOPES)[number];

export interface AgentSource {
  readonly file: string;
  readonly scope: AgentScope;
  /** The plugin that it is an agent of. */
  readonly plugin?: string;
}

export function isOfPlugin({ scope, plugin }: AgentSource): boolean {
  return scope === "plugin" || plugin !== undefined;
}

/** One agent as read from a Claude Code markdown file. */
export interface AgentDefinition {
  /** Unique in a registry; a plugin's agents are `plugin:name`. */
  readonly name: string;
  /** When to use it. Empty when the file does not say. */
  readonly description: string;
  /** The system prompt: the file's body, line ends as `\n`, without surrounding blank space. */
  readonly prompt: string;
  /**
   * What `tools` resolves to: tools that start agents are gone and so are the disallowed ones. `inherit` does
   * not include SPAWNING_TOOLS, which no driver may ever offer.
   */
  readonly tools: ToolSelection;
  readonly disallowedTools: readonly string[];
  /** An alias or a full id, as written; undefined when the file leaves the choice open. */
  readonly model: string | undefined;
  readonly settings: AgentSettings;
  readonly source: AgentSource;
  /** Sentences for `agents check`; none of them stops the agent from working. */
  readonly warnings: readonly string[];
  /** Every other frontmatter key with its value as written, known or not; `settings` is what came of it. */
  readonly frontmatter: Readonly<Record<string, Json>>;
}

/** Every frontmatter key that Claude Code or Decurion knows. */
export const KNOWN_KEYS: readonly string[] = [
  ...["name", "description", "tools", "disallowedTools", "model"],
  ...SETTING_KEYS,
];
