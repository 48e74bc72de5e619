/** The origin of a process. */
export interface Origin {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** The memory of a process. */
export interface MemoryUse {
  /** The command's name from the system. A process can change it. */
  readonly name: string;
  readonly mb: number;
}

/**
 * The machine's processes. Memory is what only the process itself can free: anonymous and shared memory, swapped out or
 * not. Mapped files (libraries, the program) do not count, where the system lists them apart: it shares them among all
 * users and drops them when it needs room.
 */
export interface Processes {
  /** Looks again. @returns the ids of all processes. */
  list(): Promise<readonly number[]>;
  /** Undefined when it is gone. */
  originOf(pid: number): Origin | undefined;
  /** The attempt's mark in the environment of the process: `none`, or `unsettled` while it is just starting. */
  markOf(pid: number): { readonly mark: string } | "none" | "unsettled";
  /** The program and its parameters; empty when it is gone, or where this is not known. */
  commandOf(pid: number): string;
  /** Cheap, and an upper bound: shared memory counts for each process. Undefined when it has ended. */
  memoryOf(pid: number): MemoryUse | undefined;
  /** As exact as the system knows: shared memory is divided among the processes. */
  exactMbOf(pid: number): number | undefined;
}
