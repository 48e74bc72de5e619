import type { Network } from "../domain/thread-options.ts";

/** What one process sees. Absolute paths. */
export interface Room {
  /** Where it starts. */
  readonly folder: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly hides: readonly string[];
  /** What it sees and does not change, among what it may write. */
  readonly keeps: readonly string[];
  readonly network: Network;
  /** Its variables. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Command {
  readonly command: string;
  readonly parameters: readonly string[];
}

/** A way to run a process with no more than its room in sight. */
export interface Sandbox {
  /** The program that makes it. */
  readonly name: string;
  /** The command that runs another one in a room. It fails rather than run it outside. */
  wrap(command: Command, room: Room): Command;
}
