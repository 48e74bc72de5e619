import type { FailedAttempt } from "./ladder.ts";

/** A failed attempt at a task, and when it ended. An attempt that succeeded is the task itself. */
export interface Attempt extends FailedAttempt {
  readonly endedAt: string;
}
