import type { Model } from "./model.ts";

/** How many attempts a task gets on its own model. */
export const OWN_ATTEMPTS = 5;

/**
 * Why an attempt failed. `invalid-output`: no result could be read. `validation`: the task's own validator said no.
 * `request` and `nested-spawn` would fail again for the same reason, so they are not tried again; `transport` says
 * nothing about the task, so it is no failed attempt.
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

/** An attempt that failed. `digest` says why in a sentence or two: the next attempt is told. */
export interface FailedAttempt {
  readonly attempt: number;
  readonly model: string;
  readonly failure: FailureClass;
  readonly digest: string;
}

/** The models that a task is tried on: its own five times, then each of those above it once. */
export interface Ladder {
  readonly own: Model;
  readonly above: readonly Model[];
}

/** Where the next attempt stands. */
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

/** The ladder of a task whose own model is `own`: it goes up from there, never down. */
export function ladderFrom(own: Model, escalation: readonly Model[]): Ladder {
  const place = escalation.findIndex((model) => model.id === own.id);
  return { own, above: escalation.slice(place + 1) };
}
