import type { FailedAttempt } from "./ladder.ts";

/** A failed attempt at a task, and when it ended. A successful attempt is recorded as the task itself. */
export interface Attempt extends FailedAttempt {
  readonly endedAt: string;
}
