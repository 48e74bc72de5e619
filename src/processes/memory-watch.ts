import { Families } from "./families.ts";
import { kill } from "./kill-group.ts";
import { linuxProcesses } from "./linux-processes.ts";
import type { MemoryUse, Processes } from "./processes.ts";
import { psProcesses } from "./ps-processes.ts";
import { starter } from "./starter.ts";

/** An attempt, as the watch sees it. */
export interface Watched {
  /** The mark in the environment of its processes. */
  readonly mark: string;
  readonly limitMb: number;
  /** Set at each look, in MB. */
  usedMb: number;
  /** Called once when the limit is exceeded, before the processes are killed. */
  passed(uses: readonly MemoryUse[]): void;
}

/** The time between two looks. In that time a process can fill a few hundred MB at most. */
const LOOK_MS = 100;
/** How often, and how long after, a kill looks for what the processes started meanwhile. */
const KILL_ROUNDS = 200;
const KILL_ROUND_MS = 10;

/**
 * Watches the memory of all attempts of this process. One look at the machine's processes serves all attempts, and there
 * are no looks while no attempt has a process. A process that left its group and its session and lost its parents is
 * known by the mark in its environment, which processes inherit.
 */
export class MemoryWatch {
  readonly #processes: Processes;
  readonly #attempts = new Map<string, Watched>();
  readonly #families: Families<Watched>;
  #timer: NodeJS.Timeout | undefined;
  #isNewcomer = false;

  /** @param adopter - the process whose children are all of agents. */
  constructor(processes: Processes, adopter?: () => number | undefined) {
    this.#processes = processes;
    this.#families = new Families<Watched>((mark) => this.#attempts.get(mark), adopter);
  }

  /** Watches a process of an attempt, and everything that it will start. */
  add(attempt: Watched, pid: number): void {
    this.#attempts.set(attempt.mark, attempt);
    this.#families.claim(pid, attempt);
    this.#isNewcomer = true;
    this.#timer ??= this.#lookLater();
  }

  /** Kills all processes of an attempt, also those that start meanwhile, and stops watching it. */
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
    const members = await this.#lookAround();
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

  /** Kills what left its parents and hides its mark: nobody could say whose it is, nor end it later. */
  async #lookAround(): Promise<Map<Watched, number[]>> {
    const members = await this.#families.look(this.#processes);
    for (const pid of this.#families.strays) kill(pid);
    return members;
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
      const pids = (await this.#lookAround()).get(attempt) ?? [];
      const living = pids.filter((pid) => this.#processes.memoryOf(pid) !== undefined);
      if (living.length === 0 && !this.#families.hasUnsettled) return;
      // One signal kills a whole group, with everything that it is just starting.
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
export const memoryWatch = new MemoryWatch(
  process.platform === "linux" ? linuxProcesses : psProcesses(),
  () => starter.pid,
);
