import { readdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { findWithin } from "./find-files.ts";
import { type LoadedAgents, loadFiles } from "./load-files.ts";
import { field, PLUGIN_FILE, readJsonFile } from "./plugin-manifest.ts";
import { loadPlugin, mergeLoaded, type PluginSource } from "./plugins.ts";
import type { FileProblem } from "./report.ts";

const installSchema = z.object({
  installPath: z.string("it has no installPath"),
  scope: z.string().optional(),
  projectPath: z.string().optional(),
});

/**
 * The agents of the enabled plugins that a user installed with Claude Code: those that `installed_plugins.json` lists
 * for the user or for this project, and plugin folders copied into `~/.claude/plugins` by hand. Reads nothing outside
 * that folder.
 */
export async function loadInstalledPlugins(userDir: string, projectDir: string): Promise<LoadedAgents> {
  const home = join(userDir, ".claude", "plugins");
  const problems: FileProblem[] = [];
  const [listed, placed, isOff] = await Promise.all([
    listedPlugins(home, projectDir, problems),
    placedPlugins(home),
    switchedOff(userDir, projectDir),
  ]);
  const loaded = await Promise.all(
    [...listed, ...placed].filter(({ key }) => !isOff(key)).map(({ source }) => loadPlugin(source, "plugin")),
  );
  return mergeLoaded([await loadFiles([], "plugin", problems), ...loaded]);
}

interface InstalledPlugin {
  /** `plugin@marketplace`. */
  readonly key: string;
  readonly source: PluginSource;
}

async function listedPlugins(
  home: string,
  projectDir: string,
  problems: FileProblem[],
): Promise<InstalledPlugin[]> {
  const file = join(home, "installed_plugins.json");
  const refuse = (reason: string) => problems.push({ file, reason });
  const json = await readJsonFile(file);
  if (!json) return [];
  if ("problem" in json) {
    refuse(json.problem);
    return [];
  }
  const plugins = z.record(z.string(), z.unknown()).safeParse(field(json.value, "plugins"));
  if (!plugins.success) refuse('it has no list "plugins"');
  const found: InstalledPlugin[] = [];
  for (const [key, value] of Object.entries(plugins.data ?? {})) {
    const parsed = z.union([z.array(installSchema).min(1), installSchema]).safeParse(value);
    if (!parsed.success) {
      refuse(`plugin ${JSON.stringify(key)}: it has no install path`);
      continue;
    }
    // The project's installation wins over the user's.
    const here = [parsed.data]
      .flat()
      .filter(({ projectPath }) => projectPath === undefined || resolve(projectPath) === resolve(projectDir))
      .sort((a, b) => Number(b.projectPath !== undefined) - Number(a.projectPath !== undefined))[0];
    if (!here) continue;
    const folder = await findWithin(home, relative(home, resolve(home, here.installPath)));
    if ("problem" in folder) refuse(`plugin ${JSON.stringify(key)}: ${folder.problem}`);
    else found.push({ key, source: { root: folder.path, listedName: key.split("@", 1)[0] } });
  }
  return found;
}

async function placedPlugins(home: string): Promise<InstalledPlugin[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(home, entry.name));
  const marked = await Promise.all(
    folders.map(async (root) => ((await readJsonFile(join(root, PLUGIN_FILE))) ? [root] : [])),
  );
  return marked.flat().map((root) => ({ key: relative(home, root), source: { root } }));
}

/** Whether settings disable a plugin. The project's win over the user's; a plugin that none names is enabled. */
async function switchedOff(userDir: string, projectDir: string): Promise<(key: string) => boolean> {
  const files = [
    join(userDir, ".claude", "settings.json"),
    join(projectDir, ".claude", "settings.json"),
    join(projectDir, ".claude", "settings.local.json"),
  ];
  const settings = await Promise.all(files.map(readJsonFile));
  const enabled = settings.map((json) => json && "value" in json && field(json.value, "enabledPlugins"));
  return (key) => enabled.map((one) => field(one, key)).findLast((value) => value !== undefined) === false;
}
