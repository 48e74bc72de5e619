import { describe, expect, it } from "vitest";
import { RESERVE_MB } from "../../src/processes/admission.ts";
import { MemoryGate } from "../../src/processes/memory-gate.ts";
import { ProcessScope } from "../../src/processes/process-scope.ts";

const { signal: never } = new AbortController();
const attempt = (name: string) => new ProcessScope(`thread/${name}`, 100);

/** A gate on a machine with room for so many agents of 100 MB, and what those who wait are told. */
function gateFor(agents: number) {
  const machine = { availableMb: RESERVE_MB + agents * 100 };
  const gate = new MemoryGate(async () => machine.availableMb);
  const told: string[] = [];
  const entered: ProcessScope[] = [];
  const enter = (memory: ProcessScope, signal = never) =>
    gate.enter(memory, signal, (sentence) => told.push(sentence)).then(() => entered.push(memory));
  return { machine, gate, told, entered, enter };
}

describe("agents with processes", () => {
  it("enter while there is room; the next one is told why it waits, and enters when one leaves", async () => {
    const { gate, told, entered, enter } = gateFor(2);
    const [a, b, c] = [attempt("a"), attempt("b"), attempt("c")];
    await Promise.all([enter(a), enter(b)]);
    const third = enter(c);
    await expect
      .poll(() => told)
      .toEqual(["waits for memory: an agent with processes may use 100 MB, and 2 other agents leave 0 MB."]);
    gate.leave(a);
    await third;
    expect(entered).toEqual([a, b, c]);
  });

  it("enter one by one where there is no room for any, in the order in which they came", async () => {
    const { gate, entered, enter } = gateFor(0);
    const all = ["a", "b", "c", "d"].map(attempt);
    const waiting = all.map((one) => enter(one));
    for (const [index, one] of all.entries()) {
      await waiting[index];
      expect(entered).toEqual(all.slice(0, index + 1));
      gate.leave(one);
    }
  });

  it("enter when others on the machine give memory back", async () => {
    const { machine, told, enter } = gateFor(1);
    await enter(attempt("a"));
    const second = enter(attempt("b"));
    await expect.poll(() => told).toHaveLength(1);
    machine.availableMb += 1000;
    await second;
  });

  it("that are stopped while they wait stand in nobody's way", async () => {
    const { gate, told, enter } = gateFor(1);
    const a = attempt("a");
    await enter(a);
    const stop = new AbortController();
    const stopped = enter(attempt("b"), stop.signal);
    const third = enter(attempt("c"));
    await expect.poll(() => told).toHaveLength(1);
    stop.abort(new Error("stopped"));
    await expect(stopped).rejects.toThrow("stopped");
    gate.leave(a);
    await third;
  });

  it("leave room for what those who are in may yet take, and not for what they have", async () => {
    const { machine, told, enter } = gateFor(2);
    const a = attempt("a");
    await enter(a);
    a.usedMb = 90;
    machine.availableMb -= 90;
    await enter(attempt("b"));
    expect(told).toEqual([]);
  });
});
