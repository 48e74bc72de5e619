import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignLanes, type Span } from "../../../../src/control-room/thread/lanes/assign-lanes.ts";

const spans: fc.Arbitrary<Span[]> = fc
  .array(fc.tuple(fc.nat(1000), fc.option(fc.integer({ min: 1, max: 300 }))), { maxLength: 40 })
  .map((all) =>
    all.map(([startMs, lengthMs], index) => ({
      id: `${index}`,
      startMs,
      endMs: lengthMs === null ? null : startMs + lengthMs,
    })),
  );

const endOf = ({ endMs }: Span) => endMs ?? Number.POSITIVE_INFINITY;
const overlap = (a: Span, b: Span) => a.startMs < endOf(b) && b.startMs < endOf(a);

describe("the lanes of a run", () => {
  it("never hold two tasks at one moment", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const laneOf = assignLanes(all);
        expect(laneOf.size).toBe(all.length);
        for (const one of all) {
          const beside = all.filter((other) => other.id !== one.id && overlap(one, other));
          expect(beside.map(({ id }) => laneOf.get(id))).not.toContain(laneOf.get(one.id));
        }
      }),
    );
  });

  it("are as many as tasks ran at most at once", () => {
    fc.assert(
      fc.property(spans, (all) => {
        const peak = Math.max(
          0,
          ...all.map(
            ({ startMs }) => all.filter((one) => one.startMs <= startMs && endOf(one) > startMs).length,
          ),
        );
        expect(new Set(assignLanes(all).values()).size).toBe(peak);
      }),
    );
  });
});
