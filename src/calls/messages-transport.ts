import { type Anthropic, APIError } from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/core/streaming";
import { anthropicClient } from "./anthropic-client.ts";
import { toCallError } from "./classify-error.ts";
import { type IdleSignal, idleSignal } from "./idle-signal.ts";
import { MessageBuilder, parseMessage } from "./stream-message.ts";
import type { ConversationMessage, Transport, TurnContext, TurnRequest, TurnResponse } from "./transport.ts";

export interface MessagesTransportOptions {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  /** A stream that is silent for this long, also without pings, is ended. */
  readonly streamIdleMs: number;
}

/**
 * Claude over the Messages API, with streams. Works with any server that offers the API at `baseUrl`, also with one that
 * answers in one piece instead of a stream. The SDK's own retries are off: the caller decides about them.
 */
export function createMessagesTransport(options: MessagesTransportOptions): Transport {
  const client = anthropicClient(options.apiKey, options.baseUrl);
  return {
    callTurn: (request, context) => callTurn(client, options.streamIdleMs, request, context),
    countTokens: (request, signal) => countTokens(client, request, signal),
  };
}

async function callTurn(
  client: Anthropic,
  idleMs: number,
  request: TurnRequest,
  context: TurnContext,
): Promise<TurnResponse> {
  const { signal, onText, onHeaders, onStart } = context;
  const idle = idleSignal(idleMs, signal);
  const builder = new MessageBuilder();
  try {
    const response = await send(client, request, { signal: idle.signal, timeout: 2 ** 31 - 1 });
    idle.touch();
    onHeaders?.(response.headers);
    const requestId = response.headers.get("request-id");
    if (response.headers.get("content-type")?.includes("application/json")) {
      const message = parseMessage(await response.json(), requestId);
      onStart?.();
      onText?.(message.text);
      return message;
    }
    await readStream(response, builder, idle, context);
    return builder.message(requestId);
  } catch (error) {
    if (error instanceof APIError && error.headers) onHeaders?.(error.headers);
    throw toCallError(error, { signal, isIdle: idle.isIdle(), idleMs, hasStarted: builder.hasStarted });
  } finally {
    idle.stop();
  }
}

function send(
  client: Anthropic,
  request: TurnRequest,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<Response> {
  const { foreign, maxTokens } = request;
  if (!foreign) return client.messages.create(requestBody(request), options).asResponse();
  const body = { ...foreign.body, max_tokens: maxTokens, stream: true };
  return client
    .post("/v1/messages?beta=true", { ...options, body, headers: foreign.headers, stream: true })
    .asResponse();
}

function requestBody(request: TurnRequest): Anthropic.MessageCreateParamsStreaming {
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...promptOf(request),
    stream: true,
    ...formatOf(request),
  };
}

function formatOf({ jsonSchema }: TurnRequest) {
  if (!jsonSchema) return {};
  return { output_config: { format: { type: "json_schema", schema: { ...jsonSchema } } as const } };
}

const CACHED = { cache_control: { type: "ephemeral" } } as const;

/** The parts that count as input, in the order of the API's cache: tools, system, messages. */
function promptOf({ tools = [], system, prompt, continued = [], cacheSystem }: TurnRequest) {
  const messages = tools.length > 0 ? cachedToHere(continued) : continued;
  return {
    // Like content blocks, their shapes belong to the API.
    ...(tools.length > 0 && {
      tools: tools as unknown as Anthropic.ToolUnion[],
      tool_choice: { type: "auto" } as const,
    }),
    system: cacheSystem ? [{ type: "text", text: system, ...CACHED } as const] : system,
    messages: [
      { role: "user", content: prompt } as const,
      // Content blocks go back unchanged.
      ...messages.map(({ role, content }) => ({ role, content }) as Anthropic.MessageParam),
    ],
  };
}

/** An agent with tools sends the whole conversation with each turn, so its current end is marked for the cache. */
function cachedToHere(messages: readonly ConversationMessage[]): readonly ConversationMessage[] {
  const last = messages.at(-1);
  if (last?.role !== "user" || typeof last.content === "string") return messages;
  const blocks = last.content.map((block, index, all) =>
    index === all.length - 1 && typeof block === "object" ? { ...block, ...CACHED } : block,
  );
  return [...messages.slice(0, -1), { ...last, content: blocks }];
}

/** The timeout of a token count. It is free, and a bound is known without it. */
const COUNT_TIMEOUT_MS = 10_000;

async function countTokens(
  client: Anthropic,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<number | undefined> {
  const options = { signal, timeout: COUNT_TIMEOUT_MS };
  return count(client, request, options).then(
    (counted) => (Number.isFinite(counted.input_tokens) ? counted.input_tokens : undefined),
    () => undefined, // The server does not offer it, or failed: the bound stays.
  );
}

function count(client: Anthropic, request: TurnRequest, options: { signal: AbortSignal; timeout: number }) {
  const { foreign, model } = request;
  if (!foreign)
    return client.messages.countTokens({ model, ...promptOf(request), ...formatOf(request) }, options);
  const { headers, body } = foreign;
  const counted = Object.fromEntries(
    COUNTED_FIELDS.flatMap((name) => (name in body ? [[name, body[name]]] : [])),
  );
  return client.post<{ input_tokens: number }>("/v1/messages/count_tokens?beta=true", {
    ...options,
    body: counted,
    headers,
  });
}

/** Fields of a request that count_tokens accepts. */
const COUNTED_FIELDS = [
  "model",
  "system",
  "messages",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
] as const;

async function readStream(
  response: Response,
  builder: MessageBuilder,
  idle: IdleSignal,
  { onText, onStart }: TurnContext,
): Promise<void> {
  for await (const { data } of Stream.rawEvents(response)) {
    idle.touch();
    if (!data || data === "[DONE]") continue;
    const event: unknown = JSON.parse(data);
    if (isErrorEvent(event)) throw new APIError(undefined, event, undefined, response.headers);
    const hadStarted = builder.hasStarted;
    const text = builder.add(event);
    if (builder.hasStarted && !hadStarted) onStart?.();
    if (text) onText?.(text);
  }
  idle.signal.throwIfAborted();
  if (!builder.isComplete) throw new Error("the stream ended before the message did");
}

/** Decides by the type in the data, because not every server names its events. */
function isErrorEvent(event: unknown): event is { type: "error" } {
  return typeof event === "object" && event !== null && "type" in event && event.type === "error";
}
