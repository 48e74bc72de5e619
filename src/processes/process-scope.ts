import { randomUUID } from "node:crypto";
import { MemoryExceededError } from "../domain/errors.ts";
import { printable } from "../format/text.ts";
import type { AgentProcess } from "./agent-process.ts";
import { type Confinement, UNCONFINED } from "./confinement.ts";
import { type MemoryWatch, memoryWatch } from "./memory-watch.ts";
import type { MemoryUse } from "./processes.ts";

interface ProcessScopeOptions {
  readonly admit?: () => Promise<void>;
  readonly watch?: MemoryWatch;
  readonly confinement?: Confinement;
}

/**
 * The processes of one attempt at a task and their common memory limit. Each attempt makes one and closes it when it
 * ends: nothing that the attempt started outlives it. Without processes it costs nothing.
 */
export class ProcessScope {
  /** The agent that it works for, as `thread/task`. */
  readonly agent: string;
  /** The mark in the environment of its processes. */
  readonly mark = randomUUID();
  readonly limitMb: number;
  /** What its processes share with those of the run's other attempts. */
  readonly confinement: Confinement;
  /** What its processes used at the last look. */
  usedMb = 0;
  readonly #admit: () => Promise<void>;
  readonly #watch: MemoryWatch;
  #admission: Promise<void> | undefined;
  readonly #exceeded = new AbortController();
  readonly #processes = new Set<AgentProcess>();
  #isClosed = false;

  /** @param options - `admit` waits until enough memory is free for the attempt's processes. */
  constructor(agent: string, limitMb: number, options: ProcessScopeOptions = {}) {
    const { admit = async () => undefined, watch = memoryWatch, confinement = UNCONFINED } = options;
    this.confinement = confinement;
    this.agent = agent;
    this.limitMb = limitMb;
    this.#admit = admit;
    this.#watch = watch;
  }

  /**
   * Await this before each start of a process. The first one waits until enough memory is free for the attempt's limit. An
   * attempt without processes never waits.
   *
   * @throws the attempt's reason to stop.
   */
  admitted(): Promise<void> {
    this.#admission ??= this.#admit();
    return this.#admission;
  }

  /** Aborted with a MemoryExceededError when the limit is exceeded. All of the attempt's processes are killed then. */
  get exceeded(): AbortSignal {
    return this.#exceeded.signal;
  }

  /** Watches a process and everything that it will start. Processes that left its group are watched when it has ended, too. */
  watch(child: AgentProcess): void {
    if (this.#isClosed) child.kill();
    this.#processes.add(child);
    const forget = () => this.#processes.delete(child);
    child.once("exit", forget);
    child.once("error", forget);
    child.once("spawn", () => {
      if (child.pid !== undefined && !this.#isClosed) this.#watch.add(this, child.pid);
    });
  }

  /** Called by the watch when the processes exceed the limit. */
  passed(uses: readonly MemoryUse[]): void {
    const task = this.agent.slice(this.agent.indexOf("/") + 1);
    this.#exceeded.abort(new MemoryExceededError(sentence(task, this.limitMb, uses)));
  }

  /** Kills all remaining processes of the attempt. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const child of this.#processes) child.kill();
    await this.#watch.remove(this);
  }
}

/** How many processes the message names, the largest first. */
const NAMED = 3;

function sentence(task: string, limitMb: number, uses: readonly MemoryUse[]): string {
  const takenMb = uses.reduce((sum, { mb }) => sum + mb, 0);
  const largest = uses.toSorted((one, other) => other.mb - one.mb);
  const named = largest.slice(0, NAMED).map(({ name, mb }) => `${printable(name)} ${Math.round(mb)} MB`);
  const more = uses.length > NAMED ? `, and ${uses.length - NAMED} more processes` : "";
  return `The processes of task "${task}" used ${Math.round(takenMb)} MB of memory, more than their limit of ${limitMb} MB: ${named.join(", ")}${more}. They were killed. Use less memory at a time.`;
}
