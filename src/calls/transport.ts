import type { Usage } from "../domain/usage.ts";
import type { Limits } from "./model-limits.ts";

/** One Claude call: the whole conversation so far and the wanted answer. Contains everything that is sent. */
export interface TurnRequest {
  readonly model: string;
  /** The most output tokens, with thinking. */
  readonly maxTokens: number;
  /** The tools that the model may call, in the API's format. */
  readonly tools?: readonly ToolDefinition[];
  readonly system: string;
  readonly prompt: string;
  /** The messages after the prompt: earlier turns of this conversation, unchanged. */
  readonly continued?: readonly ConversationMessage[];
  /** Whether the API caches the system prompt. */
  readonly cacheSystem?: boolean;
  /** JSON schema for the answer (structured output). Without it the answer is free text. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** Whether the answer goes on with one that was cut off, so that the schema fits no answer alone. */
  readonly goesOn?: boolean;
  /** Another program's request, sent instead. The other fields then describe its size and its cache prefix. */
  readonly foreign?: ForeignRequest;
}

/** A call before its room is known. */
export type AskedTurn = Omit<TurnRequest, "maxTokens">;

/** What a conversation is made with: everything that is sent before its first answer. */
export type OpeningContent = Pick<TurnRequest, "system" | "prompt" | "tools" | "jsonSchema">;

/** Another program's request for the Messages API. The ledger records it like our own. */
export interface ForeignRequest {
  /** Sent unchanged, except for `max_tokens` and `stream`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers that change the meaning of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parts that identify it: the same when the program restarts and says the same. */
  readonly identity: string;
}

/** A tool in the API's format: one that runs here, or, with a `type`, one of the API's own. */
export interface ToolDefinition {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** One message of a conversation. `content` is text or content blocks in the API's format. */
export interface ConversationMessage {
  readonly role: "user" | "assistant";
  readonly content: string | readonly unknown[];
}

/** Why the model stopped, in the Messages API's words. Unknown reasons are possible. */
export type StopReason = "end_turn" | "max_tokens" | "refusal" | "tool_use" | "pause_turn" | (string & {});

/**
 * A complete answer. `text` contains its text blocks in order, `content` every block. Its texts are storable, and a call's
 * input that cannot be used is the text that arrived. `usage` is null when the server did not count.
 */
export interface TurnResponse {
  readonly id: string;
  readonly model: string;
  readonly content: readonly unknown[];
  readonly text: string;
  readonly stopReason: StopReason;
  readonly usage: Usage | null;
  readonly requestId: string | null;
}

export interface TurnContext {
  readonly signal: AbortSignal;
  /** Called with each piece of answer text as it arrives. */
  readonly onText?: (text: string) => void;
  /** Called with a sentence for people about how the server is used. */
  readonly onNote?: (note: string) => void;
  /** Called with the answer's headers, which contain the rate limits; also with those of an error. */
  readonly onHeaders?: (headers: Headers) => void;
  /**
   * Called when the answer begins: its prompt is in the cache from then on.
   *
   * @param used - what the call has used whenever it is asked, its output as the most that it can be; undefined when unknown.
   */
  readonly onStart?: (used: () => Usage | undefined) => void;
}

/**
 * Sends a turn to a model and returns the answer.
 *
 * @throws CallError, and nothing else, when there is no complete answer.
 */
export interface Transport {
  /** What the server says about a model's limits; undefined when it does not say. Free, and never throws. */
  limitsOf?(model: string): Promise<Partial<Limits> | undefined>;
  callTurn(request: TurnRequest, context: TurnContext): Promise<TurnResponse>;
  /** The request's input tokens, counted by the server for free; undefined when it cannot count. */
  countTokens?(
    request: AskedTurn,
    signal: AbortSignal,
    onNote?: TurnContext["onNote"],
  ): Promise<number | undefined>;
}
