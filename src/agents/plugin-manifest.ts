import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../domain/errors.ts";
import { clip } from "../format/text.ts";

/** The files that make a folder a plugin, or a list of plugins. */
export const PLUGIN_FILE = join(".claude-plugin", "plugin.json");
export const MARKETPLACE_FILE = join(".claude-plugin", "marketplace.json");

/** Real manifests have a few hundred kilobytes at most. */
const MAX_MANIFEST_BYTES = 4_000_000;

/** A file's untrusted JSON: its value, a problem, or undefined when there is no file. */
export type JsonFile = { readonly value: unknown } | { readonly problem: string } | undefined;

/** Reads a JSON file, also one with a byte order mark. Never throws. */
export async function readJsonFile(file: string): Promise<JsonFile> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isFile()) return { problem: "it is not a file" };
  if (found.size > MAX_MANIFEST_BYTES) return { problem: "it is longer than 4 MB" };
  try {
    return { value: JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, "")) };
  } catch (error) {
    return { problem: `it is not valid JSON: ${clip(messageOf(error), 200)}` };
  }
}

/** A plugin's name is the prefix of its agents' names, so it has no colons and no spaces. */
const pluginName = z
  .string("it has no name")
  .max(64, "its name is longer than 64 characters")
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, "its name has characters other than letters, digits and . _ -");

const manifestSchema = z.object({ name: pluginName, agents: z.unknown().optional() });

/** The place of a plugin's agents. */
export interface PluginManifest {
  readonly name: string | undefined;
  /** Paths of files or folders; undefined when it names none, which means its folder `agents`. */
  readonly agents: readonly string[] | undefined;
  readonly problems: readonly string[];
}

/** Makes `plugin.json` trusted, part by part: an invalid part is a problem, and the rest is used. */
export function parsePluginManifest(value: unknown): PluginManifest {
  const parsed = manifestSchema.safeParse(value);
  const agents = parseAgentPaths(field(value, "agents"));
  if (parsed.success) return { name: parsed.data.name, ...agents };
  const problem = isObject(value) ? problemsOf(parsed.error) : "it is not a JSON object";
  return { name: undefined, agents: agents.agents, problems: [problem, ...agents.problems] };
}

function parseAgentPaths(value: unknown): Pick<PluginManifest, "agents" | "problems"> {
  if (value === undefined || value === null) return { agents: undefined, problems: [] };
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const paths = entries.filter((entry) => typeof entry === "string");
  const wrong = entries.filter((entry) => typeof entry !== "string");
  const problems = wrong.map((entry) => `"agents" has an entry that is not a path: ${shownJson(entry)}`);
  return { agents: paths, problems };
}

const entrySchema = z.object({
  name: pluginName,
  source: z.union([z.string(), z.record(z.string(), z.unknown())], "it has no source"),
});

/** One plugin of a marketplace. */
export interface MarketplaceEntry {
  readonly name: string;
  /** Its folder below the marketplace's, or a description of its other source. */
  readonly source: { readonly path: string } | { readonly elsewhere: string };
  readonly agents: readonly string[] | undefined;
}

export interface Marketplace {
  readonly entries: readonly MarketplaceEntry[];
  /** A folder to which the paths of plugins may be relative. */
  readonly pluginRoot: string | undefined;
  readonly problems: readonly string[];
}

/** Makes `marketplace.json` trusted, plugin by plugin: an invalid entry is a problem and affects no other. */
export function parseMarketplace(value: unknown): Marketplace {
  const plugins = field(value, "plugins");
  const root = field(field(value, "metadata"), "pluginRoot");
  const pluginRoot = typeof root === "string" ? root : undefined;
  if (!Array.isArray(plugins)) {
    return { entries: [], pluginRoot, problems: ['it has no list "plugins"'] };
  }
  const entries: MarketplaceEntry[] = [];
  const problems: string[] = [];
  for (const [index, plugin] of plugins.entries()) {
    const parsed = entrySchema.safeParse(plugin);
    const name = field(plugin, "name");
    const which = `plugin ${typeof name === "string" ? shownJson(name) : index + 1}`;
    if (!parsed.success) {
      problems.push(`${which}: ${problemsOf(parsed.error)}`);
      continue;
    }
    if (entries.some((entry) => entry.name === parsed.data.name)) {
      problems.push(`${which} is listed more than once; the first one counts`);
      continue;
    }
    const paths = parseAgentPaths(field(plugin, "agents"));
    problems.push(...paths.problems.map((problem) => `${which}: ${problem}`));
    entries.push({ name: parsed.data.name, source: sourceOf(parsed.data.source), agents: paths.agents });
  }
  return { entries, pluginRoot, problems };
}

function sourceOf(source: string | Record<string, unknown>): MarketplaceEntry["source"] {
  return typeof source === "string" ? { path: source } : { elsewhere: shownJson(source) };
}

function problemsOf(error: z.ZodError): string {
  return error.issues.map((issue) => issue.message).join("; ");
}

function shownJson(value: unknown): string {
  return clip(JSON.stringify(value) ?? "nothing", 200);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of an unknown value. */
export function field(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
