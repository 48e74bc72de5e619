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

it.each([
  ["app/[id]/*.tsx", "app/[id]/page.tsx", true],
  ["app/[id]/*.tsx", "app/i/page.tsx", true],
  ["app/\\[id\\]/*.tsx", "app/i/page.tsx", false],
  ["**/[id]/[...slug].ts", "app/[id]/[...slug].ts", true],
  ["app/(group)/*.tsx", "app/(group)/page.tsx", true],
  ["+(a|b).ts", "+(a|b).ts", true],
  ["{a,{b,c}}.ts", "c.ts", true],
  ["a{1..3}.ts", "a2.ts", true],
  ["**/*", ".github/x.yml", true],
  ["*.ts", ".a.ts", true],
  ["!*.ts", "a.js", true],
  ["!*.ts", "a.ts", false],
  ["\\!a", "!a", true],
  ["#a", "#a", true],
  ["./src//*.ts", "src/a.ts", true],
  ["?.txt", "😀.txt", true],
])("reads %s for %s: %s", (pattern, path, expected) => {
  expect(globMatcher(pattern)(path)).toBe(expected);
});

it("is for the last part of a path where names are asked for, unless it has a slash", () => {
  expect(globMatcher("*.ts", true)("src/a.ts")).toBe(true);
  expect(globMatcher("!*.test.ts", true)("src/a.test.ts")).toBe(false);
  expect(globMatcher("/*.ts", true)("src/a.ts")).toBe(false);
});

it.each([
  ["stars", `${"*a".repeat(100)}b`, "a".repeat(250)],
  ["stars and question marks", `${"?*".repeat(1000)}b`, "a".repeat(255)],
  ["stars in groups", `${"{*a,*b}".repeat(6)}c`, "a".repeat(250)],
  ["folders", `${"**/*a*b*/".repeat(400)}x`, `${"aab/".repeat(500)}y`],
  ["classes", `${"*[ab]".repeat(100)}c`, "a".repeat(250)],
  ["groups in groups", "{".repeat(2000) + "}".repeat(2000), "a"],
])("answers whatever its %s would cost a regular expression", (_, pattern, path) => {
  expect(globMatcher(pattern)(path)).toBe(false);
});
