import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/core/streaming";
import { toCallError } from "./classify-error.ts";
import type { Driver, TurnContext, TurnRequest, TurnResponse } from "./driver.ts";
import { type IdleSignal, idleSignal } from "./idle-signal.ts";
import { MessageBuilder, parseMessage } from "./stream-message.ts";

export interface MessagesDriverOptions {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  /** A stream that says nothing for this long, pings included, is ended. */
  readonly streamIdleMs: number;
}

/**
 * Claude over the Messages API, streaming. Works against anything that speaks it at `baseUrl`; a server that
 * answers in one piece although asked to stream is understood too. The SDK's own retries are off: who calls
 * decides about those.
 */
export function createMessagesDriver(options: MessagesDriverOptions): Driver {
  const client = new Anthropic({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? "https://api.anthropic.com",
    maxRetries: 0,
    logLevel: "off",
  });
  return {
    callTurn: (request, context) => callTurn(client, options.streamIdleMs, request, context),
  };
}

async function callTurn(
  client: Anthropic,
  idleMs: number,
  request: TurnRequest,
  { signal, onText }: TurnContext,
): Promise<TurnResponse> {
  const idle = idleSignal(idleMs, signal);
  const builder = new MessageBuilder();
  try {
    const response = await client.messages
      .create(requestBody(request), { signal: idle.signal, timeout: 2 ** 31 - 1 })
      .asResponse();
    idle.touch();
    const requestId = response.headers.get("request-id");
    if (response.headers.get("content-type")?.includes("application/json")) {
      const message = parseMessage(await response.json(), requestId);
      onText?.(message.text);
      return message;
    }
    await readStream(response, builder, idle, onText);
    return builder.message(requestId);
  } catch (error) {
    throw toCallError(error, { signal, isIdle: idle.isIdle(), idleMs, hasStarted: builder.hasStarted });
  } finally {
    idle.stop();
  }
}

function requestBody(request: TurnRequest): Anthropic.MessageCreateParamsStreaming {
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    system: request.system,
    messages: [{ role: "user", content: request.prompt }],
    stream: true,
    ...(request.jsonSchema && {
      output_config: { format: { type: "json_schema", schema: { ...request.jsonSchema } } },
    }),
  };
}

async function readStream(
  response: Response,
  builder: MessageBuilder,
  idle: IdleSignal,
  onText: ((text: string) => void) | undefined,
): Promise<void> {
  for await (const { data } of Stream.rawEvents(response)) {
    idle.touch();
    if (!data || data === "[DONE]") continue;
    const event: unknown = JSON.parse(data);
    if (isErrorEvent(event)) throw new APIError(undefined, event, undefined, response.headers);
    const text = builder.add(event);
    if (text) onText?.(text);
  }
  idle.signal.throwIfAborted();
  if (!builder.isComplete) throw new Error("the stream ended before the message did");
}

/** Told by the data's own type: not every server that speaks the API names its events. */
function isErrorEvent(event: unknown): event is { type: "error" } {
  return typeof event === "object" && event !== null && "type" in event && event.type === "error";
}
