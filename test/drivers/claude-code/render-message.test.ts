import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageBuilder } from "../../../src/calls/message-builder.ts";
import { storable } from "../../../src/domain/json.ts";
import { renderMessage, renderStream } from "../../../src/drivers/claude-code/render-message.ts";

const words = fc.string({ unit: "binary", maxLength: 30 });
const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text: words }),
  fc.record({ type: fc.constant("thinking"), thinking: words, signature: words }),
  fc.record({
    type: fc.constant("tool_use"),
    id: fc.string({ minLength: 1 }),
    name: fc.string({ minLength: 1 }),
    input: fc.dictionary(words, fc.oneof(words, fc.array(words), fc.integer(), fc.boolean())),
  }),
  fc.record({ type: fc.constant("redacted_thinking"), data: words }),
);
const count = fc.integer({ min: 1, max: 1000 });
const usage = fc.record({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
});
const response = fc
  .record({
    content: fc.array(block, { maxLength: 4 }),
    usage,
    stopReason: fc.constantFrom("end_turn", "tool_use"),
  })
  .map(({ content, ...rest }) => ({
    id: "msg_1",
    model: "claude-sonnet-5-5",
    requestId: null,
    content,
    ...rest,
    text: content.map((one) => ("text" in one ? one.text : "")).join(""),
  }));

describe("a message from the ledger, as Claude Code is sent it", () => {
  it("is the same again when it is read from the stream", () => {
    fc.assert(
      fc.property(response, (message) => {
        const builder = new MessageBuilder();
        for (const [, data = ""] of renderStream(message).matchAll(/^data: (.*)$/gm))
          builder.add(JSON.parse(data));
        expect(builder.isComplete).toBe(true);
        const whole = new MessageBuilder();
        whole.add(renderMessage(message));
        expect(JSON.stringify(builder.message(null))).toBe(JSON.stringify(whole.message(null)));
        expect(builder.message(null)).toMatchObject({ usage: message.usage, text: storable(message.text) });
      }),
    );
  });
});
