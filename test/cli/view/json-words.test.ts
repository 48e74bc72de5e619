import { describe, expect, it } from "vitest";
import { JsonWords } from "../../../src/cli/view/json-words.ts";

const DOCUMENT = JSON.stringify({
  summary: 'Say "hi"\nthen go',
  list: ["é\u2028", 1, { deep: "last \\ one" }],
  confidence: 0.5,
});

function wordsOf(text: string, size: number): string {
  const words = new JsonWords();
  for (let at = 0; at < text.length; at += size) words.add(text.slice(at, at + size));
  return words.latest;
}

describe("JsonWords", () => {
  it.each([1, 2, 3, 7, 1000])("reads values and no keys, in pieces of %d", (size) => {
    expect(wordsOf(DOCUMENT, size).trim()).toBe('Say "hi"\nthen go é\u2028 last \\ one');
  });

  it("reads escapes that a piece cuts in two", () => {
    expect(wordsOf('{"a": "x\\u00e9y\\n"}', 1).trim()).toBe("xéy");
  });

  it("takes text that is no JSON as it is", () => {
    expect(wordsOf("Plain words, {not} JSON", 4)).toBe("Plain words, {not} JSON");
  });

  it("keeps only the latest words", () => {
    const latest = wordsOf(`{"a": "${"word ".repeat(1000)}end"}`, 50);
    expect(latest.length).toBeLessThanOrEqual(240);
    expect(latest.endsWith("end")).toBe(true);
  });
});
