import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, RESERVE_MB } from "../../src/processes/admission.ts";

const AGENT_MB = 800;
const state = { agentMb: AGENT_MB, usedMb: [] as number[], isPressed: false };

describe("an agent with processes", () => {
  it("starts while there is room for all that those who run may take, and for itself", () => {
    const usedMb = [100, 300];
    const exactlyMb = RESERVE_MB + 700 + 500 + AGENT_MB;
    expect(admit({ ...state, usedMb, availableMb: exactlyMb })).toEqual({
      starts: true,
      isPressed: false,
      freeMb: AGENT_MB,
    });
    expect(admit({ ...state, usedMb, availableMb: exactlyMb - 1 })).toMatchObject({
      starts: false,
      isPressed: true,
      freeMb: AGENT_MB - 1,
    });
  });

  it("always starts alone", () => {
    expect(admit({ ...state, availableMb: 0 }).starts).toBe(true);
    expect(admit({ ...state, availableMb: 0, isPressed: true }).starts).toBe(true);
  });

  it("that takes more than it may leaves no room by that", () => {
    const availableMb = RESERVE_MB + AGENT_MB - 1;
    expect(admit({ ...state, usedMb: [AGENT_MB + 500], availableMb }).starts).toBe(false);
  });

  it("is one of two at most after one had to wait, until there is room for two more", () => {
    const pressed = { ...state, isPressed: true };
    const roomMb = (agents: number) => RESERVE_MB + agents * AGENT_MB;
    expect(admit({ ...pressed, usedMb: [AGENT_MB], availableMb: roomMb(1) }).starts).toBe(true);
    expect(admit({ ...pressed, usedMb: [AGENT_MB, AGENT_MB], availableMb: roomMb(1) }).starts).toBe(false);
    expect(admit({ ...pressed, usedMb: [AGENT_MB, AGENT_MB], availableMb: roomMb(2) })).toMatchObject({
      starts: true,
      isPressed: false,
    });
  });
});

/** A step: an agent wants to start, grows, or ends; others take or give back memory. */
const stepArbitrary = fc.record({
  action: fc.constantFrom("arrive", "arrive", "grow", "end", "others"),
  at: fc.nat(20),
  mb: fc.integer({ min: 0, max: 2000 }),
});

describe("agents that come and go as they like", () => {
  it("never are more than fit, and never wait for nobody", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.array(stepArbitrary, { maxLength: 80 }),
        (totalMb, steps) => {
          const machine = new Machine(totalMb);
          for (const { action, at, mb } of steps) {
            machine[action](mb, at);
            machine.letIn();
          }
          while (machine.waiting > 0 || machine.used.length > 0) {
            expect(machine.used.length).toBeGreaterThan(0);
            machine.end(0, 0);
            machine.letIn();
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

class Machine {
  readonly used: number[] = [];
  waiting = 0;
  #isPressed = false;
  #othersMb = 0;
  readonly #totalMb: number;

  constructor(totalMb: number) {
    this.#totalMb = totalMb;
  }

  arrive(): void {
    this.waiting += 1;
  }

  grow(mb: number, at: number): void {
    if (at < this.used.length) this.used[at] = Math.min(AGENT_MB, (this.used[at] ?? 0) + mb);
  }

  end(_mb: number, at: number): void {
    this.used.splice(at, 1);
  }

  others(mb: number): void {
    this.#othersMb = mb;
  }

  letIn(): void {
    while (this.waiting > 0) {
      const availableMb = this.#totalMb - this.#othersMb - this.used.reduce((sum, mb) => sum + mb, 0);
      const given = { agentMb: AGENT_MB, usedMb: this.used, availableMb, isPressed: this.#isPressed };
      const { starts, isPressed } = admit(given);
      this.#isPressed = isPressed;
      if (!starts) return;
      this.waiting -= 1;
      this.used.push(0);
      const mostMb = this.used.length * AGENT_MB + this.#othersMb;
      if (this.used.length > 1) expect(mostMb + RESERVE_MB).toBeLessThanOrEqual(this.#totalMb);
    }
  }
}
