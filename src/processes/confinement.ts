import type { Network } from "../domain/thread-options.ts";
import type { Sandbox } from "./sandbox.ts";

/** What one process needs besides its folder, in addition to what all programs need. Absolute paths. */
export interface Needs {
  /** Files and folders that it reads. */
  readonly reads?: readonly string[];
  /** Folders that it changes. */
  readonly writes?: readonly string[];
  /** Default: that of the run. */
  readonly network?: Network;
}

/** What the processes of a run's agents share. */
export interface Confinement {
  /** Undefined where the machine has none: then a process has the rights of this one. */
  readonly sandbox: Sandbox | undefined;
  /** Their variables: nothing else of this process' environment is passed on. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files and folders that every process may read. Absolute paths. */
  readonly reads: readonly string[];
  /** Absolute paths that no process sees, whatever it may read. */
  readonly hides: readonly string[];
  /** Absolute paths that no process changes, whatever it may write: they hold what runs later. */
  readonly keeps: readonly string[];
  /** The network of the commands that agents write. */
  readonly network: Network;
}

/** For processes of this program's own. */
export const UNCONFINED: Confinement = {
  sandbox: undefined,
  environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
  reads: [],
  hides: [],
  keeps: [],
  network: "shared",
};
