import type { Phase } from "./event.ts";

/** Tokens as the API counts them; `input` excludes cache reads and cache writes. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** `unknown`: the call was cut off after it was sent, so it may have been billed. */
export type CallStatus = "reserved" | "committed" | "failed" | "unknown";

/** One paid call to Claude. */
export interface Call {
  readonly id: string;
  readonly phase: Phase;
  readonly attempt: number;
  readonly turn: number;
  readonly status: CallStatus;
  readonly model: string;
  readonly tokens: Tokens;
  readonly costUsd: number;
  /** False when the server did not send the usage, or the call was cut off: then tokens and cost are assumptions. */
  readonly isCostKnown: boolean;
  /** How often its answer was replayed, at no cost. */
  readonly replays: number;
  readonly error: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ms: number | null;
  /** The answer's text, at most 20,000 characters; null while there is no answer. */
  readonly text: string | null;
}

/** Totals over several calls. */
export interface CallTotals {
  readonly costUsd: number;
  readonly tokens: Tokens;
  readonly calls: {
    readonly paid: number;
    readonly replayed: number;
    readonly unknown: number;
    readonly failed: number;
  };
}
