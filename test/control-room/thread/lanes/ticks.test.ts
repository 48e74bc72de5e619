import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ticksOf } from "../../../../src/control-room/thread/lanes/ticks.ts";

describe("the times above the lanes", () => {
  it("are few, begin with nothing and stay within the run, however long it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 * 86_400_000 }), (lengthMs) => {
        const ticks = ticksOf(lengthMs);
        expect(ticks[0]).toBe(0);
        expect(ticks.length).toBeLessThanOrEqual(8);
        expect(ticks.at(-1)).toBeLessThan(lengthMs);
      }),
    );
  });

  it("are round", () => {
    expect(ticksOf(9000)).toEqual([0, 2000, 4000, 6000, 8000]);
  });
});
