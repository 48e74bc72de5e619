import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/errors.ts";

/** Claude Code as a library, with its program in a package for each platform: 430 MB, so it is installed only on request. */
export const PACKAGE = "@anthropic-ai/claude-agent-sdk";
/** The version that passes the contract suite. */
export const TESTED_VERSION = "0.3.330";

/**
 * The file to import Claude Code's package from: in the folder of the setting, otherwise where the project or Decurion
 * itself finds it.
 *
 * @throws UsageError that says how to install it.
 */
export function findPackage(named: string | undefined, folders: readonly string[]): string {
  for (const folder of named === undefined ? folders : [resolve(named)]) {
    const file = resolveFrom(folder);
    if (file !== undefined) return file;
  }
  const [project = "."] = folders;
  const where = named === undefined ? project : resolve(named);
  throw new UsageError(
    `The executor claude-code needs a package that is not in ${where}. Install it: npm install --no-save --prefix ${where} ${PACKAGE}@${TESTED_VERSION}${named === undefined ? ", or name its folder in CLAUDE_AGENT_SDK" : ""}.`,
  );
}

/** The version of the package, or undefined when there is none. */
export async function installedVersion(
  named: string | undefined,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of named === undefined ? folders : [resolve(named)]) {
    const file = resolveFrom(folder);
    if (file === undefined) continue;
    const manifest = await readFile(join(dirname(file), "package.json"), "utf8").catch(() => "{}");
    return z.looseObject({ version: z.string().default("unknown") }).parse(JSON.parse(manifest)).version;
  }
  return undefined;
}

function resolveFrom(folder: string): string | undefined {
  try {
    const file = createRequire(join(folder, "package.json")).resolve(PACKAGE);
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined; // It is not there. The caller tries the next folder.
  }
}
