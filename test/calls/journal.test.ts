import { describe, expect, it } from "vitest";
import { fromJournal, hashOf, toJournal } from "../../src/calls/journal.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";

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

describe("a response that was kept", () => {
  it("comes back as it was, with the text of its text blocks", () => {
    const content = [
      { type: "text", text: "A" },
      { type: "thinking", thinking: "no text", text: "of another kind" },
      { type: "text", text: 7 },
      { type: "tool_use", id: "toolu_1", name: "Read", input: {} },
      { type: "text", text: "B" },
    ];
    const { usage, requestId } = { usage: NO_USAGE, requestId: "req_1" };
    const response = {
      id: "msg_1",
      model: "m",
      content,
      text: "AB",
      stopReason: "end_turn",
      usage,
      requestId,
    };
    expect(
      fromJournal({
        response: toJournal(response),
        usage,
        requestId,
        costUsd: 0,
        executionId: null,
        id: "1",
      }),
    ).toEqual(response);
  });
});
