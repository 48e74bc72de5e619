import { existsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { type Config, parseConfig } from "./domain/config.ts";
import { messageOf, UsageError } from "./domain/errors.ts";
import {
  type PackageManager,
  packageManagerByLockFile,
  packageManagerByUserAgent,
} from "./domain/package-manager.ts";
import { passwordsIn, secretsAmong } from "./domain/secrets.ts";
import { agentAbove } from "./processes/agent-above.ts";
import { findProjectRoot } from "./project-root.ts";
import { MOST_BYTES, whyNotRegular } from "./regular-file.ts";
import { type Folders, PACKAGE_FOLDER } from "./runs/folders.ts";

/** The folders of this process: the package, the project that the current folder is in, and the user's home. */
export function readFolders(): Folders {
  const user = homedir();
  return { package: PACKAGE_FOLDER, project: findProjectRoot(process.cwd(), user), user };
}

/**
 * The settings of this process: `.env` at the project's root, and over it the environment. The only place
 * where the environment is read. Paths among the settings are from that root on.
 *
 * @throws UsageError naming every variable that is wrong, never its value.
 */
export function readEnvironment(): { config: Config; folders: Folders } {
  const folders = readFolders();
  const file = join(folders.project, ".env");
  const trustsServers = process.env["TRUST_SERVERS"];
  const before = { key: process.env["ANTHROPIC_API_KEY"], url: process.env["ANTHROPIC_BASE_URL"] };
  if (existsSync(file)) {
    try {
      const why = whyNotRegular(file, MOST_BYTES.settings);
      if (why !== undefined) throw new Error(why);
      process.loadEnvFile(file);
    } catch (error) {
      throw new UsageError(`The file ${file} cannot be read: ${messageOf(error)}.`);
    }
  }
  // The file may come with a cloned project, which does not decide what is trusted.
  if (trustsServers === undefined) delete process.env["TRUST_SERVERS"];
  // Nor does it decide who gets the key that a person keeps elsewhere.
  if (before.key && !before.url && process.env["ANTHROPIC_BASE_URL"]) {
    throw new UsageError(
      `${file} sets ANTHROPIC_BASE_URL, which would get the ANTHROPIC_API_KEY of your environment. Set both in one place.`,
    );
  }
  const { pricesFile, agentSdk, databaseUrl, ...config } = parseConfig(process.env);
  const atRoot = (path: string | undefined) => path && resolve(folders.project, path);
  const settings = {
    ...config,
    databaseUrl: withTls(databaseUrl, process.env["PGSSLMODE"]),
    pricesFile: atRoot(pricesFile),
    agentSdk: atRoot(agentSdk),
    insideAgent: config.insideAgent ?? agentAbove(),
  };
  return { config: settings, folders };
}

/** The secrets of this process's environment, also where the settings are wrong. */
export function secretsOfProcess(): string[] {
  const { ANTHROPIC_API_KEY = "", ANTHROPIC_BASE_URL, DATABASE_URL } = process.env;
  const addresses = [ANTHROPIC_BASE_URL, DATABASE_URL].flatMap(passwordsIn);
  return [ANTHROPIC_API_KEY.trim(), ...addresses, ...secretsAmong(process.env, {})];
}

/** A person's PGSSLMODE holds for a DATABASE_URL that does not say whether to use TLS, as it does for psql. */
function withTls(url: string | undefined, mode: string | undefined): string | undefined {
  if (!url || !mode || /[?&]ssl(mode)?=/.test(url)) return url;
  return `${url}${url.includes("?") ? "&" : "?"}sslmode=${encodeURIComponent(mode)}`;
}

/**
 * A command as a person types it here: `npm run graph -- list` under that script and in this repository, else
 * `npx decurion list`, each in the words of the package manager that started this process.
 */
export function commandLine(words: string): string {
  const manager = packageManagerByUserAgent(process.env["npm_config_user_agent"]);
  const isScript = process.env["npm_lifecycle_event"] === "graph" || isFromSources();
  return `${isScript ? manager.script("graph") : manager.program} ${words}`.trim();
}

/** The package manager of a project, by its lock file, else the one that started this process. */
export function packageManagerOf(project: string): PackageManager {
  return (
    packageManagerByLockFile((name) => existsSync(join(project, name))) ??
    packageManagerByUserAgent(process.env["npm_config_user_agent"])
  );
}

/** Whether a script of package.json started this process: its package manager passes on signals. */
export function isPackageScript(): boolean {
  return process.env["npm_lifecycle_event"] !== undefined;
}

/** Whether this process runs the repository's sources rather than the package built of them, where this is a `.js`. */
function isFromSources(): boolean {
  return import.meta.url.endsWith(".ts");
}

/** This process's environment with some variables set, for a child. */
export function environmentWith(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...variables };
}

/** Whether a person asked for no colours (no-color.org), or the terminal has none. */
export function wantsColor(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}

/** The person's editor, with its arguments. */
export function editorCommand(): string {
  return process.env["VISUAL"]?.trim() || process.env["EDITOR"]?.trim() || "vi";
}

/** Who uses this process: `user@host`. A container may run as a user without a name: then the number. */
export function userAtHost(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? "unknown"}@${hostname()}`;
  }
}
