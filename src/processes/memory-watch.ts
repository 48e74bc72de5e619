import { Families } from "./families.ts";
import { kill } from "./kill-group.ts";
import { linuxProcesses } from "./linux-processes.ts";
import type { MemoryUse, Processes } from "./processes.ts";
import { psProcesses } from "./ps-processes.ts";

/** An attempt, as the watch sees it. */
export interface Watched {
  /** The mark in the environment of its processes. */
  readonly mark: string;
  readonly limitMb: number;
  /** Told at each look, in MB. */
  usedMb: number;
  /** Told once, before the processes are killed. */
  passed(uses: readonly MemoryUse[]): void;
}

/** Between two looks. A process fills some hundred MB in that time at most, for as long as it takes to be seen. */
const LOOK_MS = 100;
/** How often processes that were killed are looked for again, and how long after: those they started meanwhile, too. */
const KILL_ROUNDS = 200;
const KILL_ROUND_MS = 10;

/**
 * Watches the memory of all attempts of this process: one look at the machine's processes serves them all, and nobody looks
 * while none of them has one. Where a process can leave its group and its session, and lose its parents, it is known by
 * the mark in its environment, which it inherits.
 */
export class MemoryWatch {
  readonly #processes: Processes;
  readonly #attempts = new Map<string, Watched>();
  readonly #families = new Families<Watched>((mark) => this.#attempts.get(mark));
  #timer: NodeJS.Timeout | undefined;
  #isNewcomer = false;

  constructor(processes: Processes) {
    this.#processes = processes;
  }

  /** Takes in a process of an attempt, with all that it will start. */
  add(attempt: Watched, pid: number): void {
    this.#attempts.set(attempt.mark, attempt);
    this.#families.claim(pid, attempt);
    this.#isNewcomer = true;
    this.#timer ??= this.#lookLater();
  }

  /** Kills all processes of an attempt, also those that they start meanwhile, and watches it no longer. */
  async remove(attempt: Watched): Promise<void> {
    if (this.#attempts.get(attempt.mark) !== attempt) return;
    await this.#killAll(attempt);
    this.#attempts.delete(attempt.mark);
    if (this.#attempts.size === 0) this.#rest();
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    this.#isNewcomer = false;
    let isAnyLiving = false;
    const members = await this.#families.look(this.#processes);
    for (const attempt of this.#attempts.values()) {
      const pids = members.get(attempt) ?? [];
      const uses = this.#usesOf(pids);
      isAnyLiving ||= uses.length > 0;
      attempt.usedMb = sumOf(uses);
      if (attempt.usedMb <= attempt.limitMb) continue;
      const exact = this.#usesOf(pids, true);
      if (sumOf(exact) <= attempt.limitMb) continue;
      attempt.passed(exact);
      void this.#killAll(attempt);
    }
    if (isAnyLiving || this.#isNewcomer || this.#families.hasUnsettled) this.#timer = this.#lookLater();
    else this.#rest();
  }

  #usesOf(pids: readonly number[], isExact = false): MemoryUse[] {
    return pids.flatMap((pid) => {
      const use = this.#processes.memoryOf(pid);
      const mb = isExact ? this.#processes.exactMbOf(pid) : undefined;
      return use ? [{ ...use, mb: mb ?? use.mb }] : [];
    });
  }

  async #killAll(attempt: Watched): Promise<void> {
    for (let round = 0; round < KILL_ROUNDS; round++) {
      const pids = (await this.#families.look(this.#processes)).get(attempt) ?? [];
      const living = pids.filter((pid) => this.#processes.memoryOf(pid) !== undefined);
      if (living.length === 0 && !this.#families.hasUnsettled) return;
      // A group is killed at one stroke, whatever it is just starting.
      for (const group of new Set(living.flatMap((pid) => this.#processes.originOf(pid)?.group ?? [])))
        kill(-group);
      for (const pid of living) kill(pid);
      await new Promise((resolve) => setTimeout(resolve, KILL_ROUND_MS));
    }
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#families.clear();
  }
}

function sumOf(uses: readonly MemoryUse[]): number {
  return uses.reduce((sum, { mb }) => sum + mb, 0);
}

/** The watch of this process. */
export const memoryWatch = new MemoryWatch(process.platform === "linux" ? linuxProcesses : psProcesses());
