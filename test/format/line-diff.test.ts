import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffLines } from "../../src/format/line-diff.ts";

const NO_END = "\n\\ No newline at end of file";

/** The text after a diff was applied, as `patch` does it. */
function patched(before: string, diff: string): string {
  const old = before === "" ? [] : before.split(/(?<=\n)/);
  const made: string[] = [];
  let taken = 0;
  for (const hunk of diff.replaceAll(NO_END, "\0").split(/^(?=@@ )/m)) {
    const [head = "", ...lines] = hunk.replace(/\n$/, "").split("\n");
    const [, start = "1", count = "0"] = /^@@ -(\d+),(\d+) /.exec(head) ?? [];
    const first = count === "0" ? Number(start) : Number(start) - 1;
    if (lines.length === 0) continue;
    made.push(...old.slice(taken, first), ...lines.filter((line) => line[0] !== "-").map(textOf));
    taken = first + Number(count);
    expect(lines.filter((line) => line[0] !== "+").map(textOf)).toEqual(old.slice(first, taken));
  }
  return [...made, ...old.slice(taken)].join("");
}

function textOf(line: string): string {
  return line.endsWith("\0") ? line.slice(1, -1) : `${line.slice(1)}\n`;
}

const texts = fc
  .array(fc.constantFrom("a\n", "b\n", "c\n", "\n", "+x\n", "\\ No newline\n"))
  .chain((lines) =>
    fc.constantFrom("", "a", "\\ No newline at end of file").map((end) => lines.join("") + end),
  );

describe("a diff", () => {
  it("gives the new text when it is applied to the old one", () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => patched(before, diffLines(before, after)) === after),
    );
  });

  it("shows three lines around a change, and where it is", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    expect(diffLines(before, before.replace("5", "five"))).toBe(
      ["@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"].join("\n"),
    );
    expect(diffLines("", "new\n")).toBe("@@ -0,0 +1,1 @@\n+new");
    expect(diffLines("same", "same")).toBe("");
    expect(diffLines("a", "a\n")).toBe("@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a");
  });

  it("of large files that have nothing in common is made without comparing each pair of lines", () => {
    const lines = (name: string) =>
      Array.from({ length: 50_000 }, (_, index) => `${name}${index}\n`).join("");
    expect(diffLines(lines("a"), lines("b")).split("\n")).toHaveLength(100_001);
  });
});
