import { describe, expect, it } from "vitest";
import { clip, headOf, tailOf } from "../../src/format/text.ts";

const TEXT = "a😀b😀c";

describe("a text that is cut", () => {
  it.each(Array.from({ length: TEXT.length + 2 }, (_, limit) => limit))(
    "to %i characters keeps no half of one",
    (limit) => {
      for (const piece of [headOf(TEXT, limit), tailOf(TEXT, limit), clip(TEXT, limit)]) {
        expect(piece).not.toMatch(/\p{Cs}/u);
        expect(piece.length).toBeLessThanOrEqual(Math.max(1, limit));
      }
      expect(TEXT.startsWith(headOf(TEXT, limit))).toBe(true);
      expect(TEXT.endsWith(tailOf(TEXT, limit))).toBe(true);
    },
  );

  it("is whole when it fits", () => {
    expect([headOf(TEXT, TEXT.length), tailOf(TEXT, TEXT.length), headOf("😀", 2), tailOf("😀", 2)]).toEqual([
      TEXT,
      TEXT,
      "😀",
      "😀",
    ]);
  });
});
