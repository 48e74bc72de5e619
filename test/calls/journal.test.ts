import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/calls/journal.ts";

const REQUEST = { model: "m", maxTokens: 5, system: "s", prompt: "p" };
const saying = (input: unknown) => ({
  ...REQUEST,
  continued: [{ role: "assistant" as const, content: [{ type: "tool_use", input }] }],
});

describe("a request's hash", () => {
  it("is the same in whatever order keys are, as a response has after it was kept in Postgres", () => {
    expect(hashOf(saying({ bb: 1, a: { d: 2, c: [3] } }))).toBe(
      hashOf(saying({ a: { c: [3], d: 2 }, bb: 1 })),
    );
  });

  it("is another one for anything else that is sent", () => {
    const tools = [{ name: "Read" }];
    const hashes = [
      ...[REQUEST, { ...REQUEST, tools }, { ...REQUEST, tools: [...tools, { name: "Bash" }] }],
      ...[saying({ a: [1, 2] }), saying({ a: [2, 1] })],
    ].map(hashOf);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
