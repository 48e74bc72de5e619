import { describe, expect, it, onTestFinished } from "vitest";
import { startLineSearch } from "../../src/tools/line-search.ts";

function search(pattern: string, timeoutMs: number, isMultiline = false) {
  const { signal } = new AbortController();
  const made = startLineSearch({ pattern, ignoresCase: false, isMultiline, signal, timeoutMs });
  onTestFinished(() => made.close());
  return made;
}

describe("a search for lines", () => {
  it("finds them text by text", async () => {
    const { linesIn } = search("^b", 60_000);
    expect(await linesIn("a\nb\nab\nb")).toEqual([1, 3]);
    expect(await linesIn("")).toEqual([]);
    expect(await linesIn("b")).toEqual([0]);
  });

  it("finds all lines that a match goes over", async () => {
    const { linesIn } = search("b.*d", 60_000, true);
    expect(await linesIn("a\nb\nc\nd\ne")).toEqual([1, 2, 3]);
  });

  it("is ended when its time is over, and stays so", async () => {
    const { linesIn } = search("^(a+)+$", 300);
    await expect(linesIn(`${"a".repeat(50)}!`)).rejects.toThrow("longer than 0.3 s");
    await expect(linesIn("a")).rejects.toThrow("longer than 0.3 s");
  });
});
