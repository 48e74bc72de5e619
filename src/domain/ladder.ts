import type { Model } from "./model.ts";

/** The number of attempts on a task's own model. */
export const OWN_ATTEMPTS = 5;

/**
 * Why an attempt failed. `invalid-output`: the answer holds no result. `validation`: the task's validator rejected it.
 * `request` and `nested-spawn` would fail again, so there is no retry. `transport` does not count as a failed attempt.
 */
export const FAILURE_CLASSES = [
  "invalid-output",
  "validation",
  "refusal",
  "max-tokens",
  "tool",
  "memory",
  "request",
  "transport",
  "nested-spawn",
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** A failed attempt. `digest` is the reason in a sentence or two, for the prompt of the next attempt. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly model: string;
  readonly failure: FailureClass;
  readonly digest: string;
}

/** The models for a task: its own for five attempts, then each of `above` for one. */
export interface Ladder {
  readonly own: Model;
  readonly above: readonly Model[];
}

/** The model of the next attempt. */
export interface Tier {
  readonly model: Model;
  readonly isEscalated: boolean;
}

/** The tier after `failed` attempts, or undefined when a human must be asked. */
export function nextTier({ own, above }: Ladder, failed: number): Tier | undefined {
  if (failed < OWN_ATTEMPTS) return { model: own, isEscalated: false };
  const model = above[failed - OWN_ATTEMPTS];
  return model && { model, isEscalated: true };
}

/** The ladder for a task on `own`: from there up, never down. */
export function ladderFrom(own: Model, escalation: readonly Model[]): Ladder {
  const index = escalation.findIndex((model) => model.id === own.id);
  return { own, above: escalation.slice(index + 1) };
}
