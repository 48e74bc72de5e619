import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Folders that an engine reads. */
export interface Folders {
  /** The package itself: its own agents. */
  readonly package: string;
  /** The project that the agents work for; usually the current folder. */
  readonly project: string;
  /** The user's home, whose `.claude/agents` are loaded too. */
  readonly user: string | undefined;
}

/** The folder of this package. */
export const PACKAGE_FOLDER = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
