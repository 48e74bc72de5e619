/**
 * Wrong use or wrong configuration: the person can mend it. Exit code 2, one sentence, nothing was paid for.
 * The message says what is wrong, for which id, and what to do.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Another run has the thread, or has gone on with it. */
export class ThreadBusyError extends UsageError {}

/** An agent tried to start another agent. Only the workflow starts agents (single level). */
export class NestedSpawnError extends Error {
  override readonly name = "NestedSpawnError";
}

/** An attempt's processes took more memory than they may have together. It fails that attempt, and nothing else. */
export class MemoryExceededError extends Error {
  override readonly name = "MemoryExceededError";
}

/** A tool that an agent needs cannot be had at all. Its task waits for a human; nothing was paid for. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The database went away under a run. What is recorded stays recorded, and the thread can be resumed. Exit code 1. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** The message of anything that was thrown, without a stack trace. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
