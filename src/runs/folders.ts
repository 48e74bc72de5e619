import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders of an engine. */
export interface Folders {
  /** The package's folder, with the built-in agents. */
  readonly package: string;
  /** The project's folder; usually the current one. */
  readonly project: string;
  /** The user's home, for the agents in its `.claude/agents`. */
  readonly user: string | undefined;
}

/** The folder of this package. */
export const PACKAGE_FOLDER = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
