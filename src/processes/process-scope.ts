import { randomUUID } from "node:crypto";
import { MemoryExceededError } from "../domain/errors.ts";
import { printable } from "../format/text.ts";
import { killGroup } from "./kill-group.ts";
import { type MemoryWatch, memoryWatch } from "./memory-watch.ts";
import type { MemoryUse } from "./processes.ts";

interface AgentMemoryOptions {
  readonly admit?: () => Promise<void>;
  readonly watch?: MemoryWatch;
}

/**
 * The processes of one attempt at a task and the memory that they may have together. Made for each attempt, and
 * closed when it ends: nothing that the attempt started outlives it. Without processes it costs nothing.
 */
export class ProcessScope {
  /** On whose behalf, as `thread/task`. */
  readonly agent: string;
  /** What its processes carry in their environment. */
  readonly mark = randomUUID();
  readonly limitMb: number;
  /** What its processes took when they were last looked at. */
  usedMb = 0;
  readonly #admit: () => Promise<void>;
  readonly #watch: MemoryWatch;
  #admission: Promise<void> | undefined;
  readonly #exceeded = new AbortController();
  readonly #groups = new Set<number>();

  /** @param options - `admit` waits until the machine's memory carries the attempt's processes. */
  constructor(
    agent: string,
    limitMb: number,
    { admit = async () => undefined, watch = memoryWatch }: AgentMemoryOptions = {},
  ) {
    this.agent = agent;
    this.limitMb = limitMb;
    this.#admit = admit;
    this.#watch = watch;
  }

  /**
   * To be waited for before a process is started: the first one of an attempt may have to wait until the machine's memory
   * carries what the attempt may take. An attempt that starts none is never held.
   *
   * @throws what tells the attempt to stop.
   */
  admitted(): Promise<void> {
    this.#admission ??= this.#admit();
    return this.#admission;
  }

  /** Aborted with a MemoryExceededError when the bound is passed; all of the attempt's processes are killed then. */
  get exceeded(): AbortSignal {
    return this.#exceeded.signal;
  }

  /** Takes in a process, which leads a group of its own, with all that it will start. */
  watch(pid: number): void {
    this.#groups.add(pid);
    this.#watch.add(this, pid);
  }

  /** Forgets a process that has ended and its group; what has left the group is watched on. */
  ended(pid: number): void {
    this.#groups.delete(pid);
  }

  /** What the watch tells when the processes take more than they may. */
  passed(uses: readonly MemoryUse[]): void {
    const task = this.agent.slice(this.agent.indexOf("/") + 1);
    this.#exceeded.abort(new MemoryExceededError(sentence(task, this.limitMb, uses)));
  }

  /** Kills whatever is left of the attempt's processes. */
  async close(): Promise<void> {
    for (const group of this.#groups) killGroup(group);
    this.#groups.clear();
    await this.#watch.remove(this);
  }
}

/** Processes that are named in a sentence, the largest first. */
const NAMED = 3;

function sentence(task: string, limitMb: number, uses: readonly MemoryUse[]): string {
  const takenMb = uses.reduce((sum, { mb }) => sum + mb, 0);
  const largest = uses.toSorted((one, other) => other.mb - one.mb);
  const named = largest.slice(0, NAMED).map(({ name, mb }) => `${printable(name)} ${Math.round(mb)} MB`);
  const more = uses.length > NAMED ? `, and ${uses.length - NAMED} more processes` : "";
  return `The processes of task "${task}" took ${Math.round(takenMb)} MB of memory and may have ${limitMb} MB together: ${named.join(", ")}${more}. They were ended; do it with less memory at a time.`;
}
