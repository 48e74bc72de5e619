import { expect, it } from "vitest";
import { globMatcher } from "../../src/tools/glob-pattern.ts";

it.each([
  ["brackets that are never closed", "[".repeat(100_000)],
  ["groups of one choice", "{a}".repeat(20_000)],
])("refuses a pattern that is longer than any path: %s", (_, pattern) => {
  expect(() => globMatcher(pattern)("a")).toThrow(/longer than 4096 characters/);
});

it("takes one that is as long as a path may be", () => {
  const path = "a".repeat(4096);
  expect(globMatcher(path)(path)).toBe(true);
  expect(globMatcher("[".repeat(4096))("a")).toBe(false);
});
