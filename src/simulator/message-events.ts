import type { Usage } from "../domain/usage.ts";
import { type Answer, contentOf } from "./answer.ts";
import type { AnswerBlock } from "./answer-block.ts";
import { oddUsage } from "./oddities.ts";
import { tokensOf } from "./request.ts";
import type { Oddity } from "./scenario.ts";
import { NO_SERVER_USE, type ServerUse } from "./server-tools.ts";

/** One server-sent event, and the number of answer tokens in it. */
export interface MessageEvent {
  readonly type: string;
  readonly data: object;
  readonly tokens: number;
}

/** The parts of a message other than its content. */
export interface MessageHead {
  readonly id: string;
  readonly model: string;
}

/** The usage of a second `message_delta`, as some gateways send it. */
const NOTHING = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null };
const TOKENS_PER_DELTA = 12;

/** Usage, in the API's format. */
export function wireUsage(usage: Usage, { webSearches, webFetches }: ServerUse) {
  return {
    input_tokens: usage.input,
    cache_creation_input_tokens: usage.cacheWrite5m + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite5m,
      ephemeral_1h_input_tokens: usage.cacheWrite1h,
    },
    output_tokens: usage.output,
    server_tool_use:
      webSearches + webFetches > 0
        ? { web_search_requests: webSearches, web_fetch_requests: webFetches }
        : null,
    service_tier: "standard",
  };
}

/** The whole message. */
export function wholeMessage(head: MessageHead, answer: Answer, usage: Usage, oddity?: Oddity) {
  return {
    id: head.id,
    type: "message",
    role: "assistant",
    model: head.model,
    content: answer.blocks,
    stop_reason: answer.stopReason,
    stop_sequence: answer.stopSequence,
    usage: oddUsage(wireUsage(usage, answer.serverUse), oddity),
  };
}

/** The same message as a stream of events. Usage in `message_delta` is cumulative. */
export function* messageEvents(
  head: MessageHead,
  answer: Answer,
  usage: Usage,
  oddity?: Oddity,
): Generator<MessageEvent> {
  const empty = { blocks: [], stopReason: null, stopSequence: null, serverUse: NO_SERVER_USE };
  const message = {
    ...wholeMessage(head, { ...answer, ...empty, stopReason: "end_turn" }, { ...usage, output: 1 }, oddity),
  };
  yield event("message_start", { message: { ...message, stop_reason: null } });
  yield event("ping", {});
  for (const [index, block] of answer.blocks.entries()) yield* blockEvents(index, block);
  yield event("message_delta", {
    delta: { stop_reason: answer.stopReason, stop_sequence: answer.stopSequence },
    usage: oddUsage(wireUsage(usage, answer.serverUse), oddity),
  });
  if (oddity === "second-delta") {
    yield event("message_delta", { delta: { stop_reason: null }, usage: NOTHING });
  }
  yield event("message_stop", {});
}

function* blockEvents(index: number, block: AnswerBlock): Generator<MessageEvent> {
  yield event("content_block_start", { index, content_block: emptied(block) });
  const content = contentOf(block);
  const size = TOKENS_PER_DELTA * 4;
  for (let at = 0; at < content.length; at += size) {
    const piece = content.slice(at, at + size);
    yield {
      ...event("content_block_delta", { index, delta: deltaOf(block, piece) }),
      tokens: tokensOf(piece),
    };
  }
  if (block.type === "thinking") {
    yield event("content_block_delta", {
      index,
      delta: { type: "signature_delta", signature: block.signature },
    });
  }
  yield event("content_block_stop", { index });
}

function event(type: string, data: object): MessageEvent {
  return { type, data: { type, ...data }, tokens: 0 };
}

function emptied(block: AnswerBlock): object {
  if (block.type === "text") return { type: "text", text: "" };
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  return "input" in block ? { ...block, input: {} } : block;
}

function deltaOf(block: AnswerBlock, piece: string): object {
  if (block.type === "text") return { type: "text_delta", text: piece };
  if (block.type === "thinking") return { type: "thinking_delta", thinking: piece };
  return { type: "input_json_delta", partial_json: piece };
}
