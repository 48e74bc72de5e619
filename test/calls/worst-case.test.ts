import { describe, expect, it } from "vitest";
import { CallError } from "../../src/calls/call-error.ts";
import { budgetGapOf, OverBudgetError } from "../../src/calls/over-budget.ts";
import { promptTokensAbout, promptTokensAtMost, promptTokensCounted } from "../../src/calls/prompt-size.ts";
import { serverToolDefinition, serverWorkAtMost } from "../../src/calls/server-tools.ts";
import type { TurnRequest } from "../../src/calls/transport.ts";

const REQUEST: TurnRequest = { model: "m", maxTokens: 100, system: "Be brief.", prompt: "Straße" };
const BYTES = 9 + 7;

describe("the tokens of a prompt", () => {
  it("are at most the bytes of all that is sent, and a frame, larger with tools", () => {
    expect(promptTokensAtMost(REQUEST)).toBe(BYTES + 500);
    expect(promptTokensAtMost({ ...REQUEST, tools: [] })).toBe(BYTES + 2 + 500);
    const tools = [{ name: "Read" }];
    const continued = [{ role: "user", content: "More." }] as const;
    const jsonSchema = { type: "object" };
    const all = [tools, continued, jsonSchema].reduce(
      (sum, part) => sum + JSON.stringify(part).length,
      BYTES,
    );
    expect(promptTokensAtMost({ ...REQUEST, tools, continued, jsonSchema })).toBe(all + 1000);
  });

  it("of another program's request are those of its body alone", () => {
    const body = { messages: ["ß"] };
    const foreign = { body, headers: {}, identity: "x" };
    expect(promptTokensAtMost({ ...REQUEST, foreign })).toBe(Buffer.byteLength(JSON.stringify(body)) + 500);
  });

  it("are the server's count with a margin, because it calls that an estimate", () => {
    expect(promptTokensCounted(1000)).toBe(1100);
    expect(promptTokensCounted(1)).toBe(52);
  });

  it("are about a third of its bytes for rate limits", () => {
    expect(promptTokensAbout({ ...REQUEST, prompt: "x".repeat(340) })).toBe(100);
  });
});

describe("the work of the API's own tools", () => {
  it("is at most what each may be used, with what each use brings", () => {
    const search = serverToolDefinition("WebSearch", 2);
    const fetch = serverToolDefinition("WebFetch", 3);
    const run = serverToolDefinition("CodeExecution", 5);
    expect(serverWorkAtMost()).toEqual({ uses: 0, tokens: 0, webSearches: 0, codeRuns: 0 });
    expect(serverWorkAtMost([{ name: "Read" }, search])).toEqual({
      uses: 2,
      tokens: 16_000,
      webSearches: 2,
      codeRuns: 0,
    });
    expect(serverWorkAtMost([search, fetch, run])).toEqual({
      uses: 15,
      tokens: 74_000,
      webSearches: 2,
      codeRuns: 1,
    });
  });
});

describe("a call without room", () => {
  it.each([
    [
      "thread",
      0.3,
      0.25,
      "The budget of $0.30 is too small for the next call: it may cost up to $0.0600, and $0.0500 is left.",
    ],
    [
      "task",
      0.005,
      0.006,
      "The task's own budget of $0.0050 is too small for the next call: it may cost up to $0.0600, and $0.00 is left.",
    ],
    [
      "day",
      1,
      0.5,
      "Today's ceiling for all threads of $1.00 is too small for the next call: it may cost up to $0.0600, and $0.50 is left.",
    ],
  ] as const)(
    "under the ceiling of a %s says what it may cost and what is left",
    (ceiling, limitUsd, spentUsd, says) => {
      const error = new OverBudgetError({ ceiling, limitUsd, spentUsd, inFlightUsd: 0 }, 0.06);
      expect(error.message).toBe(says);
      expect(budgetGapOf(error)).toEqual({
        kind: "budget",
        ceiling,
        sentence: says,
        neededUsd: 0.06,
        spentUsd,
        limitUsd,
      });
    },
  );

  it("of an account without money is one, too; any other error is none", () => {
    expect(budgetGapOf(new CallError("No money.", { kind: "halted" }))).toMatchObject({
      ceiling: "account",
      sentence: "No money.",
      neededUsd: 0,
    });
    expect(budgetGapOf(new CallError("Busy.", { kind: "later" }))).toBeUndefined();
    expect(budgetGapOf(new Error("halted"))).toBeUndefined();
  });
});
