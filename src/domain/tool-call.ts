import type { Json } from "./json.ts";

/** `asked`: the call waits for a human's decision. */
export type ToolCallStatus = "asked" | "running" | "done" | "failed" | "rejected";

/** A tool call of an agent. Instants in ISO 8601. */
export interface ToolCall {
  readonly id: string;
  readonly attempt: number;
  readonly turn: number;
  /** Its number in the turn, from 1. */
  readonly position: number;
  /** The API's id. */
  readonly toolUseId: string;
  readonly name: string;
  readonly input: Json;
  readonly status: ToolCallStatus;
  /** The human's decision, if one was asked. */
  readonly decision: Json | null;
  /** The part of the result that the model sees; null until the call ends. */
  readonly shown: string | null;
  readonly isError: boolean;
  readonly startedAt: string | null;
  readonly ms: number | null;
}

/** A tool call in a list: the input as JSON text, `input` and `shown` cut to 20,000 characters. */
export interface ToolCallRow extends Omit<ToolCall, "input" | "decision"> {
  readonly input: string;
}
