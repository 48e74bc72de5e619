import { expect, it } from "vitest";
import { MessageBuilder } from "../../src/calls/message-builder.ts";

const block = (index: number, content_block: object) => ({
  type: "content_block_start",
  index,
  content_block,
});
const delta = (index: number, more: object) => ({
  type: "content_block_delta",
  index,
  delta: { type: "any", ...more },
});
const stop = (index: number) => ({ type: "content_block_stop", index });

/** The message of a stream of these events, and the text that was told on the way. */
function built(...events: readonly unknown[]) {
  const builder = new MessageBuilder();
  const told = events.map((event) => builder.add(event)).filter((text) => text !== undefined);
  return {
    ...builder.message("req_1"),
    told,
    isComplete: builder.isComplete,
    hasStarted: builder.hasStarted,
  };
}

it("text is told piece by piece and is whole at the end; what else a block has comes back unchanged", () => {
  const message = built(
    { type: "message_start", message: { id: "msg_1", model: "m", usage: { input_tokens: 7 } } },
    block(0, { type: "thinking", thinking: "" }),
    delta(0, { thinking: "Let me " }),
    delta(0, { thinking: "see." }),
    delta(0, { signature: "c2ln" }),
    stop(0),
    block(1, { type: "text", text: "A", citations: [1] }),
    delta(1, { text: "B" }),
    delta(1, { citation: 2 }),
    { type: "ping" },
    {
      type: "message_delta",
      delta: { stop_reason: "refusal" },
      usage: { input_tokens: null, output_tokens: 3 },
    },
    { type: "message_stop" },
  );
  expect(message).toMatchObject({
    id: "msg_1",
    model: "m",
    requestId: "req_1",
    text: "AB",
    told: ["A", "B"],
    stopReason: "refusal",
    usage: { input: 7, output: 3 },
    isComplete: true,
    hasStarted: true,
  });
  expect(message.content).toEqual([
    { type: "thinking", thinking: "Let me see.", signature: "c2ln" },
    { type: "text", text: "AB", citations: [1, 2] },
  ]);
});

it("a tool's input is put together from its pieces, and is kept as text where it was cut off", () => {
  const use = { type: "tool_use", id: "toolu_1", name: "Read", input: {} };
  const { content } = built(
    block(0, use),
    delta(0, { partial_json: '{"path"' }),
    delta(0, { partial_json: ':"a"}' }),
    stop(0),
    block(1, use),
    stop(1),
    block(2, use),
    delta(2, { partial_json: '{"path":' }),
    stop(2),
  );
  expect(content).toEqual([{ ...use, input: { path: "a" } }, use, { ...use, input: '{"path":' }]);
});

it("a stream that says little has begun and is not complete, and has its defaults", () => {
  expect(built()).toMatchObject({ hasStarted: false, isComplete: false, content: [], text: "" });
  const begun = built({ type: "message_start", message: {} }, block(2, { type: "text", text: "x" }));
  expect(begun).toMatchObject({ hasStarted: true, isComplete: false, stopReason: "end_turn" });
  expect(begun.content).toEqual([{ type: "text", text: "x" }]);
});

it("usage tells the lives of cache writes apart, and counts searches and code that ran", () => {
  const usage = {
    input_tokens: 1,
    output_tokens: 2,
    cache_read_input_tokens: 3,
    cache_creation_input_tokens: 10,
    cache_creation: { ephemeral_1h_input_tokens: 4 },
    server_tool_use: { web_search_requests: 2 },
  };
  const whole = (message: object) => built({ type: "message", ...message }).usage;
  const ran = { type: "server_tool_use", id: "s", name: "bash_code_execution" };
  expect(whole({ usage, content: [ran, ran] })).toEqual({
    input: 1,
    output: 2,
    cacheRead: 3,
    cacheWrite5m: 6,
    cacheWrite1h: 4,
    webSearches: 2,
    codeRuns: 1,
  });
  const searched = { type: "server_tool_use", id: "s", name: "web_search" };
  expect(whole({ content: [searched, { type: "text", text: "x" }] })).toBeNull();
});
