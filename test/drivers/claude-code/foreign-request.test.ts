import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverWorkAtMost } from "../../../src/calls/server-tools.ts";
import { parseCodeTurn } from "../../../src/drivers/claude-code/foreign-request.ts";

const text = (words: string, rest: object = {}) => ({ type: "text", text: words, ...rest });
const BODY = {
  model: "claude-sonnet-5-5",
  max_tokens: 128_000,
  stream: true,
  metadata: { user_id: "session one" },
  system: [text("x-anthropic-billing-header: cc_version=1;"), text("You are a tester.")],
  tools: [
    { name: "Read", input_schema: { type: "object", properties: { cache_control: { type: "string" } } } },
  ],
  messages: [
    {
      role: "user",
      content: [text("<system-reminder>\nToday\n</system-reminder>\n"), text("Explain the moon.")],
    },
    { role: "system", content: "Today's date is 2026-11-25." },
  ],
};
const identityOf = (body: unknown) => parseCodeTurn(body, {}).content.foreign?.identity;
const changed = (rest: object) => identityOf({ ...BODY, ...rest });

describe("a request of Claude Code", () => {
  it("keeps what says how its body is read, and where it stands in its conversation", () => {
    const answered = [...BODY.messages, { role: "assistant", content: [text("It is round.")] }];
    const turn = parseCodeTurn(
      { ...BODY, messages: answered },
      {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "one,two",
        "x-api-key": "secret",
        cookie: "secret",
      },
    );

    expect(turn).toMatchObject({ model: "claude-sonnet-5-5", turn: 2, maxTokens: 128_000, isStream: true });
    expect(turn.content.foreign?.headers).toEqual({
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "one,two",
    });
  });

  it("is the same when only what Claude Code adds of its own differs", () => {
    const same = identityOf(BODY);
    expect(changed({ metadata: { user_id: "session two" }, stream: false, max_tokens: 4096 })).toBe(same);
    expect(changed({ system: [text("x-anthropic-billing-header: cc_version=2;"), BODY.system[1]] })).toBe(
      same,
    );
    const prompt = text("Explain the moon.", { cache_control: { type: "ephemeral" } });
    const goesOn = text("Continue from where you left off.");
    expect(changed({ messages: [{ role: "user", content: [prompt, goesOn] }] })).toBe(same);
    expect(changed({ messages: [{ role: "user", content: "Explain the moon." }] })).toBe(same);
  });

  it.each([
    ["the model", { model: "claude-opus-5-5" }],
    ["the system prompt", { system: "You are another." }],
    ["the tools", { tools: [] }],
    ["what was said", { messages: [{ role: "user", content: "Explain the sun." }] }],
    [
      "a tool's input",
      { messages: [{ role: "user", content: [{ type: "tool_use", input: { cache_control: 1 } }] }] },
    ],
  ])("is another one when %s differs", (_, rest) => {
    expect(changed(rest)).not.toBe(identityOf(BODY));
  });

  it("asks the prompt cache for five minutes at most, and a tool's schema stays as it is", () => {
    const hour = { cache_control: { type: "ephemeral", ttl: "1h" } };
    const messages = [
      { role: "user", content: [{ type: "tool_result", content: [text("a", hour)], ...hour }] },
    ];
    const body = parseCodeTurn({ ...BODY, messages }, {}).content.foreign?.body;
    expect(JSON.stringify(body)).not.toContain("1h");
    expect(body).toMatchObject({
      tools: BODY.tools,
      messages: [{ content: [{ cache_control: { type: "ephemeral" } }] }],
    });
  });

  it("says what the API's own tools in it may cost", () => {
    const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
    const { tools } = parseCodeTurn({ ...BODY, tools: [search] }, {}).content;
    expect(serverWorkAtMost(tools)).toMatchObject({ uses: 8, webSearches: 8 });
  });

  it("is refused in a sentence when it is none, whatever it is", () => {
    expect(() => parseCodeTurn({ model: "x" }, {})).toThrow("not a request for a message");
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseCodeTurn(value, {});
        } catch (error) {
          expect(error).toMatchObject({ name: "UsageError" });
        }
      }),
    );
  });
});
