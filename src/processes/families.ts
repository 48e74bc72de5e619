import type { Origin, Processes } from "./processes.ts";

/** A process needs a few milliseconds to become its program. One that looks as if it still did then only pretends. */
const MOST_LOOKS = 100;

/**
 * Finds the owner of each process: the owner of its parent, or of the leader of its group or session, or the one that the
 * mark in its environment names (for a daemon, whose parents are gone). An owner never changes, so each process is
 * examined once, and a look costs little more than a list of ids.
 */
export class Families<Owner> {
  readonly #ownerOf = new Map<number, Owner | undefined>();
  #hasUnsettled = false;
  #strays: number[] = [];
  readonly #startingFor = new Map<number, number>();
  readonly #byMark: (mark: string) => Owner | undefined;
  readonly #adopter: () => number | undefined;

  /** @param adopter - the process whose children are all of agents. */
  constructor(
    byMark: (mark: string) => Owner | undefined,
    adopter: () => number | undefined = () => undefined,
  ) {
    this.#byMark = byMark;
    this.#adopter = adopter;
  }

  /** The orphans that the last look found for the first time, without a mark that says whose they are. */
  get strays(): readonly number[] {
    return this.#strays;
  }

  /** Makes a process, and everything that it will start, the owner's. */
  claim(pid: number, owner: Owner): void {
    this.#ownerOf.set(pid, owner);
  }

  /** Looks at the machine's processes. @returns those that have an owner, by owner. */
  async look(processes: Processes): Promise<Map<Owner, number[]>> {
    const known = [...this.#ownerOf.keys()]; // Taken before the list: later claims may be missing from it.
    const living = new Set(await processes.list());
    for (const pid of known) if (!living.has(pid)) this.#ownerOf.delete(pid);
    for (const pid of this.#startingFor.keys()) if (!living.has(pid)) this.#startingFor.delete(pid);
    this.#hasUnsettled = false;
    this.#strays = [];
    const members = new Map<Owner, number[]>();
    for (const pid of living) {
      const owner = this.#find(pid, living, processes);
      if (owner === undefined) continue;
      const known = members.get(owner);
      if (known) known.push(pid);
      else members.set(owner, [pid]);
    }
    return members;
  }

  /** Whether the last look met a process whose owner is not known yet, because it is just starting a program. */
  get hasUnsettled(): boolean {
    return this.#hasUnsettled;
  }

  /** Forgets everything: the system may give an id to another process later. */
  clear(): void {
    this.#ownerOf.clear();
  }

  #find(pid: number, living: ReadonlySet<number>, processes: Processes): Owner | undefined {
    if (this.#ownerOf.has(pid)) return this.#ownerOf.get(pid);
    const origin = processes.originOf(pid);
    if (!origin) return undefined;
    this.#ownerOf.set(pid, undefined); // Ends the search when parents form a circle.
    const inherited = this.#inherit(pid, origin, living, processes);
    if (inherited !== undefined) {
      this.#ownerOf.set(pid, inherited);
      return inherited;
    }
    let mark = processes.markOf(pid);
    if (mark === "none" && origin.parent === this.#adopter()) {
      // Until it becomes its program, a process that is just being started looks like the one that starts it.
      const isStarting = processes.commandOf(pid) === processes.commandOf(origin.parent);
      const looks = 1 + (this.#startingFor.get(pid) ?? 0);
      this.#startingFor.set(pid, looks);
      if (isStarting && looks < MOST_LOOKS) mark = "unsettled";
      else this.#strays.push(pid);
    }
    if (mark === "unsettled") {
      this.#ownerOf.delete(pid);
      this.#hasUnsettled = true;
      return undefined;
    }
    const marked = mark === "none" ? undefined : this.#byMark(mark.mark);
    this.#ownerOf.set(pid, marked);
    return marked;
  }

  #inherit(
    pid: number,
    origin: Origin,
    living: ReadonlySet<number>,
    processes: Processes,
  ): Owner | undefined {
    for (const above of [origin.parent, origin.group, origin.session]) {
      if (above === pid || !living.has(above)) continue;
      const owner = this.#find(above, living, processes);
      if (owner !== undefined) return owner;
    }
    return undefined;
  }
}
