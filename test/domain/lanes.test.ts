import fc from "fast-check";
import { expect, it } from "vitest";
import { numberLanes } from "../../src/domain/lanes.ts";

const at = (second: number) => new Date(second * 1000).toISOString();
const span = (claimedBy: string, from: number, to: number | null) => ({
  claimedBy,
  startedAt: at(from),
  endedAt: to === null ? null : at(to),
});

it("a lane keeps its number for all its tasks; one that comes after it takes its place", () => {
  const lanes = numberLanes([span("a", 0, 1), span("b", 0.5, 2), span("a", 1, 3), span("c", 4, null)]);
  expect([...lanes]).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 1],
  ]);
  expect(numberLanes([{ claimedBy: null, startedAt: null, endedAt: null }]).size).toBe(0);
});

it("lanes are numbered by when they began, in whatever order their tasks come", () => {
  const lanes = numberLanes([span("late", 2, 4), span("next", 3, null), span("first", 0, 1)]);
  expect(Object.fromEntries(lanes)).toEqual({ first: 1, late: 1, next: 2 });
});

it("no two lanes that are at work at one moment have the same number, and no number is left out", () => {
  const runs = fc.array(fc.tuple(fc.nat(50), fc.option(fc.nat(50))), { maxLength: 30 });
  fc.assert(
    fc.property(runs, (given) => {
      const spans = given.map(([from, length], id) =>
        span(`${id}`, from, length === null ? null : from + length),
      );
      const lanes = numberLanes(spans);
      const numbers = [...lanes.values()];
      expect(new Set(numbers)).toEqual(
        new Set(Array.from({ length: Math.max(0, ...numbers) }, (_, n) => n + 1)),
      );
      for (const [index, one] of spans.entries()) {
        for (const other of spans.slice(index + 1)) {
          const isApart =
            endOf(one) <= Date.parse(other.startedAt) || endOf(other) <= Date.parse(one.startedAt);
          if (lanes.get(one.claimedBy) === lanes.get(other.claimedBy)) expect(isApart).toBe(true);
        }
      }
    }),
  );
});

function endOf({ endedAt }: { readonly endedAt: string | null }): number {
  return endedAt === null ? Number.POSITIVE_INFINITY : Date.parse(endedAt);
}
