import { killGroup } from "./kill-group.ts";

/**
 * The processes of one attempt at a task and the memory that they may have together. Made for each attempt, and
 * closed when it ends: nothing that the attempt started outlives it.
 */
export class AgentMemory {
  /** On whose behalf, as `thread/task`. */
  readonly agent: string;
  readonly limitMb: number;
  readonly #exceeded = new AbortController();
  readonly #groups = new Set<number>();

  constructor(agent: string, limitMb: number) {
    this.agent = agent;
    this.limitMb = limitMb;
  }

  /** Aborted with a MemoryExceededError when the bound was passed; all of the attempt's processes are dead then. */
  get exceeded(): AbortSignal {
    return this.#exceeded.signal;
  }

  /** Takes in a process, which leads a group of its own, with all that it will start. */
  watch(pid: number): void {
    this.#groups.add(pid);
  }

  /** Forgets a process that has ended, with its group. */
  ended(pid: number): void {
    this.#groups.delete(pid);
  }

  /** Kills whatever is left of the attempt's processes. */
  async close(): Promise<void> {
    for (const group of this.#groups) killGroup(group);
    this.#groups.clear();
  }
}
