import type { Origin, Processes } from "./processes.ts";

/**
 * Which processes belong to whom. A process belongs where its parent does, or the leader of its group or session, or
 * where the mark in its environment says (of a daemon, whose parents are gone). Nobody changes sides: each process is
 * looked at once, so that a look costs little more than a list of ids.
 */
export class Families<Owner> {
  readonly #ownerOf = new Map<number, Owner | undefined>();
  #hasUnsettled = false;
  readonly #byMark: (mark: string) => Owner | undefined;

  constructor(byMark: (mark: string) => Owner | undefined) {
    this.#byMark = byMark;
  }

  /** Says whose a process is, with all that it will start. */
  claim(pid: number, owner: Owner): void {
    this.#ownerOf.set(pid, owner);
  }

  /** Looks at the machine's processes. @returns those that belong to somebody, by their owners. */
  async look(processes: Processes): Promise<Map<Owner, number[]>> {
    const known = [...this.#ownerOf.keys()]; // Not those that are claimed while the list is made.
    const living = new Set(await processes.list());
    for (const pid of known) if (!living.has(pid)) this.#ownerOf.delete(pid);
    this.#hasUnsettled = false;
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

  /** Whether the last look met a process of which it cannot be told yet whose it is: it is just starting a program. */
  get hasUnsettled(): boolean {
    return this.#hasUnsettled;
  }

  /** Forgets everything: an id that is met again later may be another process's. */
  clear(): void {
    this.#ownerOf.clear();
  }

  #find(pid: number, living: ReadonlySet<number>, processes: Processes): Owner | undefined {
    if (this.#ownerOf.has(pid)) return this.#ownerOf.get(pid);
    const origin = processes.originOf(pid);
    if (!origin) return undefined;
    this.#ownerOf.set(pid, undefined); // Whoever looks from here up comes to an end.
    const inherited = this.#inherit(pid, origin, living, processes);
    if (inherited !== undefined) {
      this.#ownerOf.set(pid, inherited);
      return inherited;
    }
    const mark = processes.markOf(pid);
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
