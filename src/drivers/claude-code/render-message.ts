import type { TurnResponse } from "../../calls/transport.ts";
import { NO_USAGE, type Usage } from "../../domain/usage.ts";

/** A message in one piece, as the Messages API sends it. */
export function renderMessage({ id, model, content, stopReason, usage }: TurnResponse): object {
  return {
    id,
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: stopReason,
    stop_sequence: null,
    usage: renderUsage(usage),
  };
}

/** The same message as a stream of server-sent events, with each block in one piece, because the message is complete. */
export function renderStream(message: TurnResponse): string {
  const { stopReason: stop_reason, usage, content } = message;
  const start = { ...renderMessage({ ...message, content: [] }), stop_reason: null };
  return [
    event("message_start", { message: start }),
    ...content.flatMap((block, index) => blockEvents(index, block)),
    event("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: renderUsage(usage) }),
    event("message_stop", {}),
  ].join("");
}

/** A block of an unknown kind starts complete. */
function blockEvents(index: number, value: unknown): string[] {
  const block = Object(value);
  const started = (empty: object, ...deltas: object[]) => [
    event("content_block_start", { index, content_block: { ...block, ...empty } }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ];
  const { type, text, thinking, signature, citations = [], input } = block;
  if (type === "text") {
    const cited = citations.map((citation: unknown) => ({ type: "citations_delta", citation }));
    return started({ text: "" }, ...cited, { type: "text_delta", text });
  }
  if (type === "thinking") {
    const deltas = [
      { type: "thinking_delta", thinking },
      { type: "signature_delta", signature },
    ];
    return started({ thinking: "", signature: "" }, ...deltas);
  }
  if (type === "tool_use" || type === "server_tool_use" || type === "mcp_tool_use") {
    // An input that cannot be used is the text that arrived: Claude Code judges it by itself.
    const partial_json = typeof input === "string" ? input : JSON.stringify(input ?? {});
    return started({ input: {} }, { type: "input_json_delta", partial_json });
  }
  return started({});
}

function event(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

function renderUsage(known: Usage | null): object {
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = known ?? NO_USAGE;
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_creation: {
      ephemeral_5m_input_tokens: cacheWrite5m,
      ephemeral_1h_input_tokens: cacheWrite1h,
    },
  };
}
