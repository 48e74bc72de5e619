import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gate } from "../../src/cli/terminal.ts";
import { createPainter } from "../../src/cli/view/paint.ts";

const ESC = "\u001b";

describe("the gate to the terminal", () => {
  it("lets no control or bidirectional character through, but line breaks, tabs and our own colours", () => {
    const pieces = fc.constantFrom(
      ESC,
      "[",
      "]0;",
      "2J",
      "31m",
      "8m",
      "0m",
      "P",
      "\\",
      "\u0007",
      "\u009b",
      "\r",
      "\n",
    );
    const texts = fc.array(fc.oneof(pieces, fc.string({ unit: "binary" }))).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        const ours = new RegExp(`${ESC}\\[(?:0|1|2|31|32|33|34|36)m`, "g");
        expect(gate(text).replaceAll(ours, "")).not.toMatch(
          /(?![\n\t])[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u,
        );
      }),
    );
  });

  it("leaves every JSON document the value that it has", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })), (value) => {
        const json = JSON.stringify(value, null, 2);
        expect(JSON.parse(gate(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it("passes what the painter paints", () => {
    const paint = createPainter(true);
    for (const tone of ["bold", "dim", "red", "green", "yellow", "blue", "cyan"] as const) {
      expect(gate(paint(tone, "text"))).toBe(paint(tone, "text"));
    }
  });

  it("shows what it stops", () => {
    expect(gate(`a${ESC}[2J\rb\u202ec\u009b8m`)).toBe("a\\u001b[2J\\u000db\\u202ec\\u009b8m");
  });
});
