/** Where a process comes from. */
export interface Origin {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** What a process takes of memory. */
export interface MemoryUse {
  /** The command's name as the system has it; a process may have chosen it itself. */
  readonly name: string;
  readonly mb: number;
}

/**
 * The machine's processes. Memory is what only the process itself can give back: anonymous and shared memory, swapped
 * out or not. Mapped files (libraries, the program) are not counted where they can be told apart, because the system
 * shares them among all who use them and drops them when it needs room.
 */
export interface Processes {
  /** Looks anew. @returns the ids of all processes. */
  list(): Promise<readonly number[]>;
  /** Undefined when it is gone. */
  originOf(pid: number): Origin | undefined;
  /** The attempt that the process was started for, from its environment: `none`, or `unsettled` while it is just starting. */
  markOf(pid: number): { readonly mark: string } | "none" | "unsettled";
  /** Cheap, and at least what it takes: memory that processes share is counted for each. Undefined when it has ended. */
  memoryOf(pid: number): MemoryUse | undefined;
  /** As exact as the system tells: memory that processes share is divided among them. */
  exactMbOf(pid: number): number | undefined;
}
