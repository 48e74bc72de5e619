import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  diffForDecision,
  jsonForDecision,
  lineForDecision,
  linesOfDiff,
  renderHidden,
  sizeForDecision,
  textForDecision,
} from "../../src/format/decision-text.ts";

/** The original of a shown text: each `\u{…}` is the character that it names. */
function original(shown: string): string {
  return shown.replaceAll(/\\u\{([0-9a-f]+)(?:\*(\d+))?\}/g, (_, code: string, count = "1") =>
    String.fromCodePoint(Number.parseInt(code, 16)).repeat(Number(count)),
  );
}

/** Texts with all that is unusual in them. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        ...[
          " ",
          "\t",
          "\n",
          "\\",
          "\\u{41}",
          "\\u{20*3}",
          "u{41}",
          "\u200d",
          "\ufe0f",
          "❤️",
          "👨‍👩‍👧",
          "\u0301",
        ],
      ),
      fc
        .tuple(fc.constantFrom(" ", "\t", "\n", "\u200b"), fc.nat(90))
        .map(([one, count]) => one.repeat(count)),
    ),
  )
  .map((parts) => parts.join(""));

describe("text for a decision", () => {
  it("loses nothing: no two texts look the same", () => {
    fc.assert(fc.property(anyText, (text) => original(textForDecision(text).text) === text));
    fc.assert(fc.property(anyText, (text) => original(lineForDecision(text)) === text));
  });

  it("has no character that cannot be seen", () => {
    const seen = /^(?:(?![\t\n ])[\p{L}\p{M}\p{N}\p{P}\p{S}]|[\t\n ]|\ufe0f|\u200d)*$/u;
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = textForDecision(text).text;
        expect(shown).toMatch(seen);
        expect(shown).not.toMatch(/[ \t]$|[ \t]\n|[^\n\t ]\t| {41}|\n{6}/);
        // Joiners and selectors only between the parts of an emoji.
        expect(shown).not.toMatch(/(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}])\ufe0f/u);
        expect(shown).not.toMatch(/\u200d(?!\p{Extended_Pictographic})/u);
      }),
    );
  });

  it.each([
    ["places for pictures that do not exist yet", "a\u{1f7da}b", "a\\u{1f7da}b", 1],
    ["escape strings", "ls\u001bX; rm -rf ~", "ls\\u{1b}X; rm -rf ~", 1],
    ["C1 control characters", "a\u009b31mb", "a\\u{9b}31mb", 1],
    ["a carriage return", "rm -rf ~\rls", "rm -rf ~\\u{d}ls", 1],
    ["bidirectional characters", "a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c", 2],
    ["zero-width characters", "a\u200b\u200b\u200b\ufeffb", "a\\u{200b*3}\\u{feff}b", 4],
    ["unusual spaces", "a\u00a0b\u2003c\u3000d", "a\\u{a0}b\\u{2003}c\\u{3000}d", 3],
    ["line and paragraph separators", "a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c", 2],
    [
      "soft hyphens, fillers, empty cells",
      "\u00ad\u115f\u3164\uffa0\u2800",
      "\\u{ad}\\u{115f}\\u{3164}\\u{ffa0}\\u{2800}",
      5,
    ],
    ["tags and selectors", "a\u{e0041}\u{e0100}\ufe0f", "a\\u{e0041}\\u{e0100}\\u{fe0f}", 3],
    ["half a character", "a\ud800", "a\\u{d800}", 1],
    ["blanks at the end of a line", "ls  \n\t\npwd ", "ls\\u{20*2}\n\\u{9}\npwd\\u{20}", 4],
    ["a long run of blanks", `ls${" ".repeat(500)}; rm`, "ls\\u{20*500}; rm", 500],
    ["a long run of empty lines", `ls${"\n".repeat(500)}rm`, "ls\\u{a*499}\nrm", 499],
    ["a tab inside of a line", "\tif\tx", "\tif\\u{9}x", 1],
    ["marks that cover their neighbours", `e${"\u0301".repeat(6)}`, `e${"\u0301".repeat(4)}\\u{301*2}`, 2],
    ["a text that looks like one of these", "\\u{202e}", "\\u{5c}u{202e}", 0],
  ])("shows %s by number", (_, text, shown, hidden) => {
    expect(textForDecision(text)).toEqual({ text: shown, hidden });
  });

  it("leaves every language, code and emoji as they are", () => {
    const text = "if (a) {\n\treturn '漢字 é नमस्ते עברית'; // 🐴 👨‍👩‍👧 ❤️\n}\n\n\n";
    expect(textForDecision(text)).toEqual({ text, hidden: 0 });
  });

  it("of a hostile megabyte is made in moderate time", () => {
    for (const piece of [" ", "\n", "\u200b", "a \u200b", "\\u{"]) {
      const { length } = textForDecision(piece.repeat(1_000_000 / piece.length)).text;
      expect(length).toBeGreaterThan(0);
    }
  });

  it("counts what it shows by number", () => {
    expect(renderHidden(0)).toBe("");
    expect(renderHidden(1)).toBe("1 hidden character is shown as \\u{…}.");
    expect(renderHidden(1234)).toBe("1,234 hidden characters are shown as \\u{…}.");
  });

  it("is long above a hundred lines of eighty characters", () => {
    const lines = (count: number) => sizeForDecision([`${"x\n".repeat(count - 1)}x`]);
    expect(lines(100)).toEqual({ characters: 199, hidden: 0, isLong: false });
    expect(lines(101).isLong).toBe(true);
    expect(sizeForDecision(["x".repeat(8000)]).isLong).toBe(false);
    expect(sizeForDecision(["x".repeat(8001)]).isLong).toBe(true);
    expect(sizeForDecision(["x".repeat(4001), "y".repeat(4000)]).isLong).toBe(true);
  });
});

describe("JSON for a decision", () => {
  it("is the same value, with nothing hidden in it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anyText), (value) => {
        const json = jsonForDecision(value);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json).not.toMatch(/(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
      }),
    );
  });
});

describe("a diff for a decision", () => {
  it("keeps the marks of its lines and their indents, and shows what is hidden in them", () => {
    const diff = "@@ -1,3 +1,3 @@\n \n-\tif (a)\n+\tif\t(b) \n\\ No newline at end of file";
    expect(diffForDecision(diff)).toBe(
      "@@ -1,3 +1,3 @@\n \n-\tif (a)\n+\tif\\u{9}(b)\\u{20}\n\\ No newline at end of file",
    );
    expect(sizeForDecision(linesOfDiff(diff))).toMatchObject({ hidden: 2 });
  });
});
