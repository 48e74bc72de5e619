/**
 * Wrong use or wrong configuration, which the user can correct. Exit code 2; nothing was paid for. The message is one
 * sentence: the problem, the id, the action.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Another run holds the thread, or has already continued it. */
export class ThreadBusyError extends UsageError {}

/** An agent tried to start another agent. Only the workflow starts agents (single level). */
export class NestedSpawnError extends Error {
  override readonly name = "NestedSpawnError";
}

/** The processes of an attempt exceeded their memory limit. Only that attempt fails. */
export class MemoryExceededError extends Error {
  override readonly name = "MemoryExceededError";
}

/** A tool of an agent is not available. The task waits for a human; nothing was paid for. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The database connection was lost during a run. Recorded work is safe, and the thread can be resumed. Exit code 1. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/** The message of a thrown value, without a stack trace. Code may throw a value that is no Error. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  if (typeof error !== "object" || error === null) return String(error);
  if ("message" in error && typeof error.message === "string") return error.message;
  try {
    return JSON.stringify(error) ?? String(error);
  } catch {
    return String(error); // It holds itself, or a BigInt.
  }
}
