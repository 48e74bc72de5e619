import { existsSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";
import { type Config, parseConfig } from "./domain/config.ts";
import { messageOf, UsageError } from "./domain/errors.ts";
import { type Folders, PACKAGE_FOLDER } from "./runs/folders.ts";

/**
 * The settings of this process: `.env` in the current folder, and over it the environment. The only place
 * where the environment is read.
 *
 * @throws UsageError naming every variable that is wrong, never its value.
 */
export function readEnvironment(): { config: Config; folders: Folders } {
  if (existsSync(".env")) {
    try {
      process.loadEnvFile(".env");
    } catch (error) {
      throw new UsageError(`The file .env cannot be read: ${messageOf(error)}.`);
    }
  }
  return {
    config: parseConfig(process.env),
    folders: { package: PACKAGE_FOLDER, project: process.cwd(), user: homedir() },
  };
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
