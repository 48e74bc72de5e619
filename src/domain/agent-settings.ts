import { clip } from "../format/text.ts";
import type { Json } from "./json.ts";
import { parseToolNames } from "./tool-list.ts";
import { ASK_POLICIES } from "./tool-policy.ts";

/** The colours Claude Code displays. */
export const AGENT_COLORS = ["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"] as const;

const PERMISSION_MODES = ["default", "acceptEdits", "auto", "bypassPermissions", "dontAsk", "plan"] as const;
const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;
/** More turns than any task is worth; a slip of the keyboard must not take the bound away. */
const MOST_TURNS = 1000;

type JsonObject = { readonly [key: string]: Json };

/** How the value of one key is read. */
interface Reader<T> {
  /** The value made trusted; undefined when it is not what the key wants. */
  readonly read: (value: Json) => T | undefined;
  /** What the key wants, for people: `it must be …`. */
  readonly expects: string;
}

const READERS = {
  /** The driver of this agent's attempts; a run's own choice comes first. */
  executor: { read: readWord, expects: "the name of an executor" } satisfies Reader<string>,
  /** Which of its tool calls a human is asked about; it can only make the run's policy stricter. */
  ask: oneOf(ASK_POLICIES),
  /** Turns that one attempt takes at most. */
  maxTurns: {
    read: (value) => wholeNumber(value, 1, MOST_TURNS),
    expects: `a whole number from 1 to ${MOST_TURNS}`,
  } satisfies Reader<number>,
  /** By name; null for a server that is configured elsewhere, else its configuration as in `.mcp.json`. */
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

/** What an agent's file sets beside its prompt, tools and model; a key is there only where its value is valid. */
export type AgentSettings = {
  readonly [K in Key]?: Exclude<ReturnType<(typeof READERS)[K]["read"]>, undefined>;
};

export const SETTING_KEYS: readonly string[] = Object.keys(READERS);

/** What Claude Code does not take from a plugin either: it is the user who decides about these. */
const NOT_OF_PLUGINS: readonly Key[] = ["hooks", "mcpServers", "permissionMode"];

export interface ReadSettings {
  readonly settings: AgentSettings;
  /** Sentences on values that are ignored. */
  readonly warnings: readonly string[];
}

/** Reads the settings among frontmatter values. What is malformed is ignored, by name. Never throws. */
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
    } else if (isOfPlugin && NOT_OF_PLUGINS.some((one) => one === key)) {
      warnings.push(`"${key}" is ignored: a plugin's agent cannot set it`);
    } else settings[key] = value;
  }
  // Each value was read by its own key's reader just now.
  return { settings: settings as AgentSettings, warnings };
}

function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return {
    read: (value) => words.find((word) => word.toLowerCase() === textOf(value)),
    expects: `one of ${words.join(", ")}`,
  };
}

/** A scalar's text for comparison; empty for anything else. */
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
