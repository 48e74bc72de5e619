import type { Usage } from "../domain/usage.ts";

/** One Claude call: a whole conversation so far and what is wanted back. Everything that is sent is here. */
export interface TurnRequest {
  readonly model: string;
  readonly maxTokens: number;
  /** What the model may call, as the API has it. */
  readonly tools?: readonly ToolDefinition[];
  readonly system: string;
  readonly prompt: string;
  /** What came after the prompt: earlier turns of this conversation, as they came. */
  readonly continued?: readonly ConversationMessage[];
  /** Whether the system prompt is to be kept in the API's cache. */
  readonly cacheSystem?: boolean;
  /** JSON schema which the answer must satisfy (structured output); without it the answer is free text. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** What is sent instead, where another program made the request; the rest then says what it weighs and shares. */
  readonly foreign?: ForeignRequest;
}

/** A request that another program made for the Messages API, and which is to be in the ledger like our own. */
export interface ForeignRequest {
  /** Sent as it is, but for `max_tokens` and `stream`. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Headers that say in which way the body is to be read. */
  readonly headers: Readonly<Record<string, string>>;
  /** What tells it from any other: the same again when the program is started again and says the same. */
  readonly identity: string;
}

/** A tool as the API is told of it: one that is run here, or with a `type` one of the API's own. */
export interface ToolDefinition {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** One message of a conversation; `content` is text or content blocks as the API has them. */
export interface ConversationMessage {
  readonly role: "user" | "assistant";
  readonly content: string | readonly unknown[];
}

/** Why the model stopped, as the Messages API says it; unknown reasons pass through. */
export type StopReason = "end_turn" | "max_tokens" | "refusal" | "tool_use" | "pause_turn" | (string & {});

/** A whole answer. `text` is its text blocks in order; `content` every block as it came, for the journal. */
export interface TurnResponse {
  readonly id: string;
  readonly model: string;
  readonly content: readonly unknown[];
  readonly text: string;
  readonly stopReason: StopReason;
  readonly usage: Usage;
  readonly requestId: string | null;
}

export interface TurnContext {
  readonly signal: AbortSignal;
  /** Called with each piece of answer text as it arrives. */
  readonly onText?: (text: string) => void;
  /** Called when the answer's headers are there, which tell the rate limits; also with those of an error. */
  readonly onHeaders?: (headers: Headers) => void;
  /** Called when the answer begins: its prompt is in the cache from then on. */
  readonly onStart?: () => void;
}

/**
 * Who answers a turn: the Messages API here; later Claude Code or another machine.
 *
 * @throws CallError and nothing else when there is no whole answer.
 */
export interface Transport {
  callTurn(request: TurnRequest, context: TurnContext): Promise<TurnResponse>;
  /** The request's input tokens as the server counts them, for nothing; undefined where it does not count. */
  countTokens?(request: TurnRequest, signal: AbortSignal): Promise<number | undefined>;
}
