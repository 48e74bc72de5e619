import { describe, expect, it } from "vitest";
import { wellFormed, wellFormedText } from "../../src/domain/well-formed.ts";

describe("text that Postgres and the API can hold", () => {
  it.each([
    ["a NUL", "a\0b", "a\ufffdb"],
    ["a lone half of a character", "a\ud800b", "a\ufffdb"],
    ["halves in the wrong order", "\ude00\ud83d", "\ufffd\ufffd"],
    ["a whole character", "😀", "😀"],
    ["what only looks like an escape", "\\u0000 \\ud800", "\\u0000 \\ud800"],
  ])("has %s replaced or kept", (_, text, expected) => {
    expect(wellFormedText(text)).toBe(expected);
    expect(wellFormed({ [text]: [text, { n: 1, t: text }] })).toEqual({
      [expected]: [expected, { n: 1, t: expected }],
    });
  });

  it("is the same object where nothing has to change", () => {
    const value = { a: ["b", null, 1] };
    expect(wellFormed(value)).toBe(value);
  });
});
