import { describe, expect, it } from "vitest";
import {
  clipToWidth,
  displayWidth,
  fitToWidth,
  manyLines,
  oneLine,
  wrapProse,
  wrapToWidth,
  wrapUnlessIndented,
} from "../../../src/cli/view/display-width.ts";
import { createChance } from "../../../src/simulator/chance.ts";

const ESC = "\u001b";

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["plain", 5],
    ["漢字", 4],
    ["é", 1],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["a\u200bb", 2],
    ["✓ ⠋ ▸", 5],
    ["☎️ 1️⃣ ❤️", 8],
    ["⚠ ©", 3],
    ["가", 2],
    [`${ESC}[31mred${ESC}[0m`, 3],
  ])("of %j is %d columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("whatever the text", () => {
  const chance = createChance(7);
  const pieces = ["a", "word ", " ", "漢", "👍🏽", "e\u0301", "\n", "long-long-word", "　", "·"];
  const texts = Array.from({ length: 300 }, () =>
    Array.from(
      { length: Math.floor(chance() * 30) },
      () => pieces[Math.floor(chance() * pieces.length)],
    ).join(""),
  );

  it("nothing that is clipped, fitted or wrapped is wider than asked, and fitted is exactly so", () => {
    for (const text of texts) {
      for (const columns of [1, 2, 7, 20]) {
        const line = oneLine(text);
        expect(displayWidth(clipToWidth(line, columns))).toBeLessThanOrEqual(columns);
        expect(displayWidth(fitToWidth(line, columns))).toBe(columns);
        for (const wrapped of wrapToWidth(text, columns)) {
          expect(displayWidth(wrapped)).toBeLessThanOrEqual(Math.max(2, columns));
        }
      }
    }
  });

  it("wrapping loses no word and keeps the order", () => {
    for (const text of texts) {
      const words = (lines: string) => lines.replaceAll(/\s+/g, "");
      expect(words(wrapToWidth(text, 10).join(""))).toBe(words(text));
    }
  });
});

describe("untrusted text", () => {
  const hostile = `a${ESC}[2J${ESC}]8;;http://x${ESC}\\b\u0007\u0000\u009b31mc\r\nd\te`;

  it("is one printable line, or printable lines", () => {
    expect(oneLine(hostile)).not.toMatch(/\p{Cc}/u);
    expect(manyLines(hostile).replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(oneLine(hostile)).toContain("d e");
  });

  it("loses halves of characters, which a terminal draws in a column of their own", () => {
    expect(oneLine("a\ud83db 👍 \udc4d")).toBe("ab 👍");
  });

  it("takes no more time for a line that is as long as a book", () => {
    const book = "Ein Wort, 漢字 und 👍🏽 ".repeat(200);
    expect(wrapToWidth(book, 80).every((line) => displayWidth(line) <= 80)).toBe(true);
  });

  it("keeps indented lines whole, so that a command in them can be copied", () => {
    const command = "  npm run graph -- resume 7675485c";
    expect(wrapUnlessIndented(`Resume the thread with:\n${command}`, 12)).toEqual([
      "Resume the",
      "thread with:",
      command,
    ]);
  });

  it("of Markdown keeps code and tables, and indents list items below their marks", () => {
    const code = ["```sh", "a command that is longer than the terminal", "```"];
    const table = "| a table | that is wider | than the terminal |";
    const text = ["Some words of prose.", ...code, table, "- one two three four", "12. one two three"];
    expect(wrapProse(text.join("\n"), 14)).toEqual([
      ...["Some words of", "prose."],
      ...code,
      table,
      ...["- one two", "  three four"],
      ...["12. one two", "    three"],
    ]);
  });

  it("marks what was cut off", () => {
    expect(clipToWidth("a long line", 6)).toBe("a lon…");
    expect(fitToWidth("7", 3, "right")).toBe("  7");
  });
});
