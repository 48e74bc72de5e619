import type { Json } from "./json.ts";

/** `asked`: a human must decide about it first. */
export type ToolCallStatus = "asked" | "running" | "done" | "failed" | "rejected";

/** A tool call of an agent. Instants in ISO 8601. */
export interface ToolCall {
  readonly id: string;
  readonly attempt: number;
  readonly turn: number;
  /** Counts the calls of its turn, from 1. */
  readonly position: number;
  /** The API's id. */
  readonly toolUseId: string;
  readonly name: string;
  readonly input: Json;
  readonly status: ToolCallStatus;
  /** What a human decided, if one was asked. */
  readonly decision: Json | null;
  /** What the model is shown of the result, once it has ended. */
  readonly shown: string | null;
  readonly isError: boolean;
  readonly startedAt: string | null;
  readonly ms: number | null;
}

/** A tool call in a list: its input as JSON text, which is cut, as `shown` is, to 20,000 characters. */
export interface ToolCallRow extends Omit<ToolCall, "input" | "decision"> {
  readonly input: string;
}
