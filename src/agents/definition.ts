import type { Json } from "../core/json.ts";

/** Where a definition came from, strongest first: of two agents with one name the stronger scope's is used. */
export const AGENT_SCOPES = ["flag", "project", "user", "plugin", "builtin"] as const;
export type AgentScope = (typeof AGENT_SCOPES)[number];

/** The tools an agent may use: exactly these, or whatever the driver offers. Never empty. */
export type ToolSelection = readonly string[] | "inherit";

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
  readonly source: { readonly file: string; readonly scope: AgentScope };
  /** Sentences for `agents check`; none of them stops the agent from working. */
  readonly warnings: readonly string[];
  /** Every other frontmatter key with its value, known or not. */
  readonly frontmatter: Readonly<Record<string, Json>>;
}

/** Frontmatter keys that Decurion acts on. */
const HONOURED_KEYS = ["name", "description", "tools", "disallowedTools", "model", "color"] as const;

/** Keys that Claude Code knows and that are kept but change nothing when Decurion runs the agent. */
const KEPT_KEYS = [
  "permissionMode",
  "maxTurns",
  "skills",
  "mcpServers",
  "hooks",
  "memory",
  "background",
  "effort",
  "isolation",
  "initialPrompt",
] as const;

export const KNOWN_KEYS: readonly string[] = [...HONOURED_KEYS, ...KEPT_KEYS];

/** Whether a frontmatter key is Claude Code's but has no effect here. */
export function isWithoutEffect(key: string): boolean {
  return KEPT_KEYS.some((kept) => kept === key);
}

/** The colours Claude Code displays. */
export const AGENT_COLORS: readonly string[] = [
  "red",
  "blue",
  "green",
  "yellow",
  "purple",
  "orange",
  "pink",
  "cyan",
];
