import { clip } from "../format/text.ts";
import type { Json } from "./json.ts";
import { parseToolNames } from "./tool-list.ts";
import { ASK_POLICIES } from "./tool-policy.ts";

/** The colours Claude Code displays. */
export const AGENT_COLORS = ["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"] as const;

const PERMISSION_MODES = ["default", "acceptEdits", "auto", "bypassPermissions", "dontAsk", "plan"] as const;
const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;
/** More turns than any task needs, so that a typing error cannot remove the limit. */
const MOST_TURNS = 1000;

type JsonObject = { readonly [key: string]: Json };

/** How the value of one key is read. */
interface Reader<T> {
  /** Parses the value; undefined when it is not valid. */
  readonly read: (value: Json) => T | undefined;
  /** A valid value, for people: `it must be …`. */
  readonly expects: string;
}

const READERS = {
  /** The driver of this agent; a run's choice comes first. */
  executor: { read: readWord, expects: "the name of an executor" } satisfies Reader<string>,
  /** The tool calls that a human must approve; it can only make the run's policy stricter. */
  ask: oneOf(ASK_POLICIES),
  /** The most turns of one attempt. */
  maxTurns: {
    read: (value) => wholeNumber(value, 1, MOST_TURNS),
    expects: `a whole number from 1 to ${MOST_TURNS}`,
  } satisfies Reader<number>,
  /** By name: the configuration as in `.mcp.json`, or null for a server that is configured elsewhere. */
  mcpServers: {
    read: readServers,
    expects: "names of servers, or for each name its command or url",
  } satisfies Reader<Readonly<Record<string, JsonObject | null>>>,
  permissionMode: oneOf(PERMISSION_MODES),
  effort: oneOf(EFFORTS),
  color: oneOf(AGENT_COLORS),
  skills: { read: readNames, expects: "a list of names" } satisfies Reader<readonly string[]>,
  hooks: {
    read: (value) => (isObject(value) ? value : undefined),
    expects: "a mapping from events to hooks",
  } satisfies Reader<JsonObject>,
  memory: oneOf(["user", "project", "local"]),
  background: {
    read: readTruth,
    expects: "true or false",
  } satisfies Reader<boolean>,
  isolation: oneOf(["worktree", "remote"]),
  initialPrompt: {
    read: (value) => (typeof value === "string" ? value : undefined),
    expects: "text",
  } satisfies Reader<string>,
} satisfies Readonly<Record<string, Reader<unknown>>>;

type Key = keyof typeof READERS;

/** The settings of an agent's file besides prompt, tools and model. Invalid values are left out. */
export type AgentSettings = {
  readonly [K in Key]?: Exclude<ReturnType<(typeof READERS)[K]["read"]>, undefined>;
};

export const SETTING_KEYS: readonly string[] = Object.keys(READERS);

/** Claude Code does not take these from a plugin either: only the user may set them. */
export const NOT_OF_PLUGINS: readonly string[] = [
  "hooks",
  "mcpServers",
  "permissionMode",
  "initialPrompt",
] satisfies Key[];

export interface ReadSettings {
  readonly settings: AgentSettings;
  /** One sentence for each ignored value. */
  readonly warnings: readonly string[];
}

/** Reads the settings from frontmatter. Ignores malformed values with a warning. Never throws. */
export function readSettings(frontmatter: Readonly<Record<string, Json>>, isOfPlugin: boolean): ReadSettings {
  const settings: Record<string, unknown> = {};
  const warnings: string[] = [];
  for (const [key, reader] of Object.entries<Reader<unknown>>(READERS)) {
    const written = Object.hasOwn(frontmatter, key) ? frontmatter[key] : undefined;
    if (written === undefined || written === null) continue;
    const value = reader.read(written);
    if (value === undefined) {
      const shown = clip(JSON.stringify(written), 80);
      warnings.push(`"${key}" is ignored: it must be ${reader.expects}, not ${shown}`);
    } else if (isOfPlugin && NOT_OF_PLUGINS.includes(key)) {
      warnings.push(`"${key}" is ignored: a plugin's agent cannot set it`);
    } else settings[key] = value;
  }
  // Each value comes from the reader of its key.
  return { settings: settings as AgentSettings, warnings };
}

function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return {
    read: (value) => words.find((word) => word.toLowerCase() === textOf(value)),
    expects: `one of ${words.join(", ")}`,
  };
}

/** A scalar's text for comparison; empty for other values. */
function textOf(value: Json): string {
  return typeof value === "object" ? "" : String(value).trim().toLowerCase();
}

function readWord(value: Json): string | undefined {
  const word = textOf(value);
  return /^[a-z][a-z0-9-]*$/.test(word) ? word : undefined;
}

function readTruth(value: Json): boolean | undefined {
  const text = textOf(value);
  return text === "true" || text === "false" ? text === "true" : undefined;
}

function wholeNumber(value: Json, least: number, most: number): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return undefined;
  return number >= least && number <= most ? number : undefined;
}

function readNames(value: Json): readonly string[] | undefined {
  return isObject(value) ? undefined : parseToolNames(value);
}

function readServers(value: Json): Readonly<Record<string, JsonObject | null>> | undefined {
  const entries = Array.isArray(value)
    ? value.flatMap((item) => (isObject(item) ? Object.entries(item) : parseToolNames(item).map(named)))
    : isObject(value)
      ? Object.entries(value)
      : parseToolNames(value).map(named);
  const servers = new Map<string, JsonObject | null>();
  for (const [name, config] of entries) {
    if (config !== null && !isServer(config)) return undefined;
    servers.set(name, config);
  }
  return Object.fromEntries(servers);
}

function named(name: string): [string, null] {
  return [name, null];
}

function isServer(config: Json): config is JsonObject {
  return isObject(config) && (typeof config["command"] === "string" || typeof config["url"] === "string");
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
