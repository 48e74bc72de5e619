import { type Anthropic, APIError } from "@anthropic-ai/sdk";
import { z } from "zod";
import { type Hide, hiding, keysAmong } from "../domain/secrets.ts";
import { anthropicClient } from "./anthropic-client.ts";
import { toCallError } from "./classify-error.ts";
import { idleSignal } from "./idle-signal.ts";
import { AnswerReader } from "./read-answer.ts";
import { countBody, requestBody } from "./request-body.ts";
import { allowedTokens, hasNoCount, MissingFeatures, refusedFeature } from "./server-features.ts";
import type {
  AskedTurn,
  ForeignRequest,
  Limits,
  Transport,
  TurnContext,
  TurnRequest,
  TurnResponse,
} from "./transport.ts";

export interface MessagesTransportOptions {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
  /** A stream that is silent for this long, also without pings, is ended. */
  readonly streamIdleMs: number;
}

/**
 * Claude over the Messages API, with streams. Works with any server that offers the API at `baseUrl`, also with one that
 * answers in one piece. The SDK's own retries are off: the caller decides about them.
 */
export function createMessagesTransport(options: MessagesTransportOptions): Transport {
  const client = anthropicClient(options.apiKey, options.baseUrl);
  const secrets = [options.apiKey];
  const server = {
    client,
    missing: new MissingFeatures(),
    hide: hiding(secrets),
    hideInAnswers: hiding(keysAmong(secrets)),
  };
  return {
    callTurn: (request, context) => callTurn(server, options.streamIdleMs, request, context),
    limitsOf: (model) => limitsOf(client, model),
    countTokens: (request, signal, onNote) => countTokens(server, request, signal, onNote),
  };
}

interface Server {
  readonly client: Anthropic;
  readonly missing: MissingFeatures;
  readonly hide: Hide;
  /** Only for a key that no answer has by chance. */
  readonly hideInAnswers: Hide;
}

async function callTurn(
  server: Server,
  idleMs: number,
  request: TurnRequest,
  context: TurnContext,
): Promise<TurnResponse> {
  const { signal, onHeaders } = context;
  const idle = idleSignal(idleMs, signal);
  const answer = new AnswerReader(context, server.hideInAnswers);
  try {
    const response = await send(
      server,
      request,
      { signal: idle.signal, timeout: 2 ** 31 - 1 },
      context.onNote,
    );
    idle.touch();
    onHeaders?.(response.headers);
    return await answer.read(response, idle.touch);
  } catch (error) {
    if (error instanceof APIError && error.headers) onHeaders?.(error.headers);
    const { hasStarted, used } = answer;
    throw toCallError(error, { signal, isIdle: idle.isIdle(), idleMs, hasStarted, used, hide: server.hide });
  } finally {
    idle.stop();
  }
}

interface SendOptions {
  readonly signal: AbortSignal;
  readonly timeout?: number;
}

/** Sends a request, and immediately again without what the server turns out to lack. A refusal costs nothing. */
async function send(
  { client, missing }: Server,
  request: TurnRequest,
  options: SendOptions,
  onNote: TurnContext["onNote"],
): Promise<Response> {
  if (request.foreign) return sendForeign(client, request.foreign, request.maxTokens, options);
  let { maxTokens } = request;
  for (;;) {
    const without = missing.all;
    try {
      return await client.messages
        .create(requestBody({ ...request, maxTokens }, without), options)
        .asResponse();
    } catch (error) {
      const allowed = allowedTokens(error);
      if (allowed !== undefined && allowed < maxTokens) {
        maxTokens = allowed;
        continue;
      }
      const feature = refusedFeature(error);
      if (feature === undefined || without.has(feature)) throw error;
      missing.add(feature, onNote);
    }
  }
}

function sendForeign(
  client: Anthropic,
  foreign: ForeignRequest,
  maxTokens: number,
  options: SendOptions,
): Promise<Response> {
  const body = { ...foreign.body, max_tokens: maxTokens, stream: true };
  return client
    .post("/v1/messages?beta=true", { ...options, body, headers: foreign.headers, stream: true })
    .asResponse();
}

/** The timeout of a question about a model: the price table has an answer, too. */
const LIMITS_TIMEOUT_MS = 5000;

/** Limits that no model has are none. */
const limit = z.number().int().min(1000).max(100_000_000).optional().catch(undefined);
const modelInfoSchema = z.looseObject({ max_input_tokens: limit, max_tokens: limit });

async function limitsOf(client: Anthropic, model: string): Promise<Partial<Limits> | undefined> {
  try {
    // The SDK's own timeout ends with the headers.
    const signal = AbortSignal.timeout(LIMITS_TIMEOUT_MS);
    const info = await client.models.retrieve(model, undefined, { signal });
    const { max_input_tokens, max_tokens } = modelInfoSchema.parse(info);
    return {
      ...(max_input_tokens !== undefined && { contextWindow: max_input_tokens }),
      ...(max_tokens !== undefined && { maxOutput: max_tokens }),
    };
  } catch {
    return undefined; // Not every server says it.
  }
}

/** The timeout of a token count. It is free, and a bound is known without it. */
const COUNT_TIMEOUT_MS = 10_000;

async function countTokens(
  server: Server,
  request: AskedTurn,
  signal: AbortSignal,
  onNote: TurnContext["onNote"],
): Promise<number | undefined> {
  if (server.missing.all.has("count")) return undefined;
  const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(COUNT_TIMEOUT_MS)]) };
  try {
    const { input_tokens } = await count(server, request, options);
    return Number.isFinite(input_tokens) ? input_tokens : undefined;
  } catch (error) {
    if (hasNoCount(error)) server.missing.add("count", onNote);
    return undefined; // The bound stays.
  }
}

function count({ client, missing }: Server, request: AskedTurn, options: SendOptions) {
  const { foreign } = request;
  if (!foreign) return client.messages.countTokens(countBody(request, missing.all), options);
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
