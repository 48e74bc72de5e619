import type { Usage } from "../core/usage.ts";

/** One Claude call: a whole conversation so far and what is wanted back. Everything that is sent is here. */
export interface TurnRequest {
  readonly model: string;
  readonly maxTokens: number;
  readonly system: string;
  readonly prompt: string;
  /** JSON schema which the answer must satisfy (structured output); without it the answer is free text. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
}

/** Why the model stopped, as the Messages API says it; unknown reasons pass through. */
export type StopReason = "end_turn" | "max_tokens" | "refusal" | "tool_use" | (string & {});

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
}

/**
 * Who answers a turn: the Messages API here; later Claude Code or another machine.
 *
 * @throws CallError and nothing else when there is no whole answer.
 */
export interface Driver {
  callTurn(request: TurnRequest, context: TurnContext): Promise<TurnResponse>;
}
