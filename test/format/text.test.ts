import { describe, expect, it } from "vitest";
import { clip, fairShares, printable } from "../../src/format/text.ts";

describe("clip", () => {
  it("leaves text within the limit alone and marks what it cut", () => {
    expect(clip("abc", 3)).toBe("abc");
    expect(clip("abcd", 3)).toBe("ab…");
    expect(clip("ab cd", 4)).toBe("ab…");
    expect(clip("abc", 0)).toBe("…");
  });
});

describe("fairShares", () => {
  it("gives short texts all they have and divides the rest among long ones", () => {
    expect(fairShares([10, 1000, 1000], 510)).toEqual([10, 250, 250]);
  });

  it("never passes the total, whatever the lengths", () => {
    for (const lengths of [[], [0, 0], [5], [7, 7, 7], [1, 2, 3, 1000], [999, 1, 999]]) {
      for (const total of [0, 1, 10, 100, 5000]) {
        const shares = fairShares(lengths, total);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(total);
        expect(shares.every((share, index) => share <= (lengths[index] ?? 0))).toBe(true);
      }
    }
  });

  it("keeps the order of the texts", () => {
    expect(fairShares([100, 1, 50], 1000)).toEqual([100, 1, 50]);
  });
});

describe("printable", () => {
  const ESC = String.fromCodePoint(27);
  const BEL = String.fromCodePoint(7);

  it.each([
    ["a colour", `${ESC}[31mred${ESC}[0m`, "red"],
    ["a cursor movement", `${ESC}[2J${ESC}[1;1Hhidden`, "hidden"],
    ["a window title", `${ESC}]0;owned${BEL}text`, "text"],
    ["a link", `${ESC}]8;;http://x${ESC}\\click${ESC}]8;;${ESC}\\`, "click"],
    ["no more of an unfinished title than its start", `${ESC}]0;owned; rm -rf /`, "0;owned; rm -rf /"],
    ["a reset", `${ESC}ctext`, "text"],
    ["C1 control codes", `a${String.fromCodePoint(0x9b)}31mb`, "a31mb"],
    ["a carriage return that overwrites", "good\rbad", "goodbad"],
    ["backspaces", "ab\b\bcd", "abcd"],
    ["bidirectional overrides", "a\u202Eb\u2066c", "abc"],
  ])("takes out %s", (_, hostile, shown) => {
    expect(printable(hostile)).toBe(shown);
  });

  it("keeps lines, tabs and every language", () => {
    const text = "Zeile\n\tTab — 漢字 🐴 é";
    expect(printable(text)).toBe(text);
  });
});
