import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Families } from "../../src/processes/families.ts";
import type { Origin, Processes } from "../../src/processes/processes.ts";

const OWNERS = ["red", "blue"] as const;
interface Model extends Origin {
  readonly owner: string | undefined;
  readonly command?: string;
}

/** A machine whose processes do what they like. `1` adopts those whose parents have ended. */
class Machine implements Processes {
  readonly living = new Map<number, Model>([[1, { parent: 0, group: 1, session: 1, owner: undefined }]]);
  #next = 2;

  start(parent: number, changes: Partial<Model> = {}): number {
    const pid = this.#next++;
    const from = this.living.get(parent) ?? { parent: 1, group: 1, session: 1, owner: undefined };
    this.living.set(pid, { ...from, parent, ...changes });
    return pid;
  }

  leads(pid: number, isSession: boolean): void {
    this.#change(pid, isSession ? { group: pid, session: pid } : { group: pid });
  }

  end(pid: number): void {
    this.living.delete(pid);
    for (const [child, { parent }] of this.living) if (parent === pid) this.#change(child, { parent: 1 });
  }

  pick(at: number): number {
    return [...this.living.keys()][at % this.living.size] ?? 1;
  }

  #change(pid: number, changes: Partial<Model>): void {
    const process = this.living.get(pid);
    if (process) this.living.set(pid, { ...process, ...changes });
  }

  list = async () => [...this.living.keys()];
  originOf = (pid: number) => this.living.get(pid);
  markOf = (pid: number) => {
    const owner = this.living.get(pid)?.owner;
    return owner === undefined ? ("none" as const) : { mark: owner };
  };
  commandOf = (pid: number) => this.living.get(pid)?.command ?? `command of ${pid}`;
  memoryOf = () => undefined;
  exactMbOf = () => undefined;
}

/** What happens on the machine; `1` itself never ends. */
const ACTIONS = {
  start: (machine, pid) => machine.start(pid),
  claim: (machine, _, owner, families) => {
    const root = machine.start(1, { owner });
    machine.leads(root, true);
    families.claim(root, owner);
  },
  leadGroup: (machine, pid) => pid > 1 && machine.leads(pid, false),
  leadSession: (machine, pid) => pid > 1 && machine.leads(pid, true),
  end: (machine, pid) => pid > 1 && machine.end(pid),
  look: (machine, _, __, families) => families.look(machine),
} satisfies Record<string, (...step: [Machine, number, string, Families<string>]) => unknown>;

const steps = fc.array(
  fc.record({
    action: fc.constantFrom(...Object.values(ACTIONS), ACTIONS.start, ACTIONS.start),
    at: fc.nat(50),
    owner: fc.constantFrom(...OWNERS),
  }),
  { maxLength: 60 },
);

describe("whose a process is", () => {
  it("is found whatever processes do: leave their group, lose their parents, start others between two looks", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const machine = new Machine();
        const families = new Families<string>((mark) => mark);
        for (const { action, at, owner } of given) await action(machine, machine.pick(at), owner, families);
        const members = await families.look(machine);
        for (const owner of OWNERS) {
          const own = [...machine.living].flatMap(([pid, one]) => (one.owner === owner ? [pid] : []));
          expect(members.get(owner) ?? []).toEqual(own);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is known without a mark where a parent, a group or a session tells it, and from then on", async () => {
    const machine = new Machine();
    const families = new Families<string>(() => undefined);
    const root = machine.start(1);
    machine.leads(root, true);
    families.claim(root, "red");
    const child = machine.start(root);
    const inGroup = machine.start(child);
    machine.end(child);
    const stranger = machine.start(1);
    expect(await families.look(machine)).toEqual(new Map([["red", [root, inGroup]]]));

    machine.leads(inGroup, true);
    machine.end(root);
    const late = machine.start(inGroup);
    expect(await families.look(machine)).toEqual(new Map([["red", [inGroup, late]]]));
    expect(machine.living.has(stranger)).toBe(true);
  });

  it("is asked again of one that is just starting a program", async () => {
    const machine = new Machine();
    const families = new Families<string>((mark) => mark);
    const pid = machine.start(1, { owner: "red" });
    const settled = machine.markOf;
    machine.markOf = () => "unsettled" as never;
    expect((await families.look(machine)).size).toBe(0);
    expect(families.hasUnsettled).toBe(true);
    machine.markOf = settled;
    expect(await families.look(machine)).toEqual(new Map([["red", [pid]]]));
    expect(families.hasUnsettled).toBe(false);
  });

  it("is kept of one that is claimed while the list is made", async () => {
    const machine = new Machine();
    const families = new Families<string>(() => undefined);
    const looking = families.look({ ...machine, list: async () => [1] });
    const pid = machine.start(1);
    families.claim(pid, "red");
    await looking;
    expect(await families.look(machine)).toEqual(new Map([["red", [pid]]]));
  });
});

describe("an orphan", () => {
  it("without a mark is a stray, but not while it becomes its program", async () => {
    const machine = new Machine();
    const families = new Families<string>(
      (mark) => mark,
      () => 1,
    );
    const starting = machine.start(1, { command: "command of 1" });
    const marked = machine.start(1, { owner: "red" });
    expect(await families.look(machine)).toEqual(new Map([["red", [marked]]]));
    expect(families.strays).toEqual([]);
    expect(families.hasUnsettled).toBe(true);

    const orphan = machine.start(1);
    await families.look(machine);
    expect(families.strays).toEqual([orphan]);

    for (let looks = 0; looks < 100 && !families.strays.includes(starting); looks++)
      await families.look(machine);
    expect(families.strays).toEqual([starting]);
  });
});
