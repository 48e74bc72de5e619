import { existsSync, realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import type { Config } from "../domain/config.ts";
import { UsageError } from "../domain/errors.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Confinement } from "../processes/confinement.ts";
import { type FoundSandbox, findSandbox } from "../processes/find-sandbox.ts";
import { RUNS_LATER } from "../tools/runs-later.ts";
import type { Folders } from "./folders.ts";

interface Parts {
  readonly config: Config;
  readonly folders: Folders;
}

/** What was found here, by `PATH`: a machine does not change while a process runs. */
const found = new Map<string, Promise<FoundSandbox>>();

const OFF: FoundSandbox = { problem: "SANDBOX=off", fix: "set SANDBOX=auto" };

/** Looks for a sandbox once, unless the settings are against it. */
export function sandboxOf({ sandbox, agentEnvironment }: Config): Promise<FoundSandbox> {
  if (sandbox === "off") return Promise.resolve(OFF);
  const path = agentEnvironment["PATH"] ?? "";
  const known = found.get(path) ?? findSandbox(agentEnvironment);
  found.set(path, known);
  return known;
}

/**
 * What the processes of a run's agents share.
 *
 * @throws UsageError when the setting requires a sandbox and this machine has none.
 */
export async function confinementOf(parts: Parts, options: ThreadOptions): Promise<Confinement> {
  const { config, folders } = parts;
  const { workspace } = options;
  const place = await sandboxOf(config);
  if (config.sandbox === "required" && "problem" in place) {
    throw new UsageError(
      `SANDBOX=required, but ${place.problem}: ${place.fix}, or set SANDBOX=auto to run commands with your rights.`,
    );
  }
  const home = resolve(folders.project, config.home);
  const own = programIn(workspace, folders.package);
  const ofWorkspace = (names: readonly string[]) =>
    workspace === undefined ? [] : names.map((name) => join(workspace, name));
  return {
    sandbox: "sandbox" in place ? place.sandbox : undefined,
    environment: config.agentEnvironment,
    reads: config.sandboxReads.map((path) => resolve(folders.project, path)),
    hides: withTargets([
      home,
      join(folders.project, ".env"),
      ...ofWorkspace([".decurion", ".env"]),
      ...own.hides,
    ]),
    keeps: [
      ...ofWorkspace(RUNS_LATER),
      ...RUNS_LATER.map((name) => join(folders.project, name)),
      ...own.keeps,
    ],
    network: options.network ?? "none",
  };
}

/** Also what the paths lead to, where they are links. */
function withTargets(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => [path, ...(existsSync(path) ? [realpathSync(path)] : [])]))];
}

/** Decurion's own program in a workspace: out of sight, or, where the workspace is its repository, kept as it is. */
function programIn(workspace: string | undefined, program: string): Pick<Confinement, "hides" | "keeps"> {
  if (workspace === undefined || program === workspace) {
    return {
      hides: [],
      keeps: ["src", "dist", "scripts", "node_modules"].map((name) => join(program, name)),
    };
  }
  return { hides: program.startsWith(workspace + sep) ? [program] : [], keeps: [] };
}
