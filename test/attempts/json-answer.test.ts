import { describe, expect, it } from "vitest";
import { readJsonAnswer } from "../../src/attempts/json-answer.ts";

describe("readJsonAnswer", () => {
  it.each([
    ["the whole text", '{"a": 1}', { a: 1 }],
    ["a list", "[1, 2]", [1, 2]],
    ["white space around it", '\n  {"a": 1}\n', { a: 1 }],
    ["a fenced block", 'Here it is:\n```json\n{"a": 1}\n```\nDone.', { a: 1 }],
    ["a fence without a language", '```\n{"a": {"b": "}"}}\n```', { a: { b: "}" } }],
    ["prose around the braces", 'Sure! {"a": "x { y"} Hope it helps.', { a: "x { y" }],
    ["the first fence that holds JSON", '```json\nnot json\n```\n```json\n{"a": 2}\n```', { a: 2 }],
  ])("finds the value in %s", (_, text, value) => {
    expect(readJsonAnswer(text)).toEqual(value);
  });

  it.each(["", "no value at all", '{"a": 1', '"only a text"', "42", "null", "} {"])(
    "finds none in %j",
    (text) => {
      expect(readJsonAnswer(text)).toBeUndefined();
    },
  );
});
