import { z } from "zod";
import { NO_USAGE, type Usage } from "../domain/usage.ts";
import type { TurnResponse } from "./transport.ts";

/** Keeps content blocks unchanged, so that a later turn can send them back. */
const blockSchema = z.looseObject({ type: z.string() });
type Block = z.infer<typeof blockSchema>;

const usageSchema = z.looseObject({
  input_tokens: z.number().nullish(),
  output_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  cache_creation_input_tokens: z.number().nullish(),
  cache_creation: z
    .looseObject({
      ephemeral_5m_input_tokens: z.number().nullish(),
      ephemeral_1h_input_tokens: z.number().nullish(),
    })
    .nullish(),
  server_tool_use: z.looseObject({ web_search_requests: z.number().nullish() }).nullish(),
});
type WireUsage = z.infer<typeof usageSchema>;

const messageSchema = z.looseObject({
  id: z.string().default(""),
  model: z.string().default(""),
  content: z.array(blockSchema).default([]),
  stop_reason: z.string().nullish(),
  usage: usageSchema.default({}),
});

/** A message in one piece, without a stream. */
export function parseMessage(value: unknown, requestId: string | null): TurnResponse {
  const message = messageSchema.parse(value);
  return finish(message.id, message.model, message.content, message.stop_reason, message.usage, requestId);
}

const eventSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("message_start"), message: messageSchema }),
  z.looseObject({ type: z.literal("content_block_start"), index: z.number(), content_block: blockSchema }),
  z.looseObject({
    type: z.literal("content_block_delta"),
    index: z.number(),
    delta: z.looseObject({
      type: z.string(),
      text: z.string().optional(),
      thinking: z.string().optional(),
      signature: z.string().optional(),
      partial_json: z.string().optional(),
      citation: z.unknown().optional(),
    }),
  }),
  z.looseObject({ type: z.literal("content_block_stop"), index: z.number() }),
  z.looseObject({
    type: z.literal("message_delta"),
    delta: z.looseObject({ stop_reason: z.string().nullish() }).default({}),
    usage: usageSchema.default({}),
  }),
  z.looseObject({ type: z.literal("message_stop") }),
]);
type StreamEvent = z.infer<typeof eventSchema>;
type Delta = Extract<StreamEvent, { type: "content_block_delta" }>["delta"];

/**
 * Assembles a message from its stream events. Usage in `message_delta` is cumulative, so it replaces the earlier one.
 * Ignores unknown events, because the API adds new ones.
 */
export class MessageBuilder {
  #id = "";
  #model = "";
  #stopReason: string | null | undefined;
  #usage: WireUsage = {};
  readonly #blocks: Block[] = [];
  readonly #json = new Map<number, string>();
  /** Whether `message_start` arrived: from then on the call may be billed. */
  hasStarted = false;
  /** Whether `message_stop` arrived. A stream without it was cut off. */
  isComplete = false;

  /** Adds one event. Returns its answer text, if any. */
  add(value: unknown): string | undefined {
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) return undefined;
    const event = parsed.data;
    switch (event.type) {
      case "message_start":
        this.hasStarted = true;
        this.#id = event.message.id;
        this.#model = event.message.model;
        this.#usage = event.message.usage;
        return undefined;
      case "content_block_start":
        this.#blocks[event.index] = { ...event.content_block };
        return textOf(event.content_block);
      case "content_block_delta":
        return this.#addDelta(event.index, event.delta);
      case "content_block_stop":
        this.#closeBlock(event.index);
        return undefined;
      case "message_delta":
        this.#stopReason = event.delta.stop_reason;
        this.#usage = { ...this.#usage, ...withoutNulls(event.usage) };
        return undefined;
      case "message_stop":
        this.isComplete = true;
        return undefined;
    }
  }

  message(requestId: string | null): TurnResponse {
    const blocks = this.#blocks.filter((block) => block !== undefined);
    return finish(this.#id, this.#model, blocks, this.#stopReason, this.#usage, requestId);
  }

  #addDelta(index: number, delta: Delta): string | undefined {
    const block = this.#blocks[index];
    if (!block) return undefined;
    if (delta.partial_json !== undefined) {
      this.#json.set(index, (this.#json.get(index) ?? "") + delta.partial_json);
    }
    if (delta.citation !== undefined) {
      const citations = Array.isArray(block["citations"]) ? block["citations"] : [];
      block["citations"] = [...citations, delta.citation];
    }
    for (const key of ["text", "thinking", "signature"] as const) {
      const piece = delta[key];
      if (piece !== undefined) block[key] = `${typeof block[key] === "string" ? block[key] : ""}${piece}`;
    }
    return delta.text;
  }

  #closeBlock(index: number): void {
    const block = this.#blocks[index];
    const json = this.#json.get(index);
    if (block && json) block["input"] = parseJsonOr(json, json);
  }
}

function finish(
  id: string,
  model: string,
  content: readonly Block[],
  stopReason: string | null | undefined,
  usage: WireUsage,
  requestId: string | null,
): TurnResponse {
  const text = content.map((block) => textOf(block) ?? "").join("");
  return {
    id,
    model,
    content,
    text,
    stopReason: stopReason ?? "end_turn",
    usage: { ...usageFrom(usage), ...(content.some(isCodeRun) && { codeRuns: 1 }) },
    requestId,
  };
}

function textOf(block: Block): string | undefined {
  return block.type === "text" && typeof block["text"] === "string" ? block["text"] : undefined;
}

function usageFrom(usage: WireUsage): Usage {
  const written = usage.cache_creation_input_tokens ?? 0;
  const for1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return {
    ...NO_USAGE,
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite5m: Math.max(0, written - for1h),
    cacheWrite1h: for1h,
    ...(usage.server_tool_use?.web_search_requests && {
      webSearches: usage.server_tool_use.web_search_requests,
    }),
  };
}

/** The API does not count its code executions elsewhere. */
function isCodeRun({ type, name }: Block): boolean {
  return type === "server_tool_use" && typeof name === "string" && name.endsWith("code_execution");
}

function withoutNulls(usage: WireUsage): WireUsage {
  return Object.fromEntries(
    Object.entries(usage).filter(([, value]) => value !== null && value !== undefined),
  );
}

function parseJsonOr(text: string, otherwise: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise; // A tool's input cut off by max_tokens: kept as text for readers of the journal.
  }
}
