import { setTimeout as sleep } from "node:timers/promises";

/** How long to wait for an unreachable server: a restart takes a second or two. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

/** SQLSTATE and system codes of a server that is stopping, starting or lost. */
const UNREACHABLE = /^(08|57P0[123]|E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NOTFOUND))/;

/**
 * Retries an idempotent statement while the server is unreachable, so that a lost connection does not lose paid answers.
 */
export async function whileUnreachable<T>(statement: () => Promise<T>): Promise<T> {
  const giveUpAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await statement();
    } catch (error) {
      if (!isUnreachable(error) || Date.now() > giveUpAtMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Errors of our own connections. A node may throw a similar error of another database. */
const ours = new WeakSet<object>();

/** Marks an error as one of our own database, and rethrows it. */
export function throwOurs(error: unknown): never {
  if (typeof error === "object" && error !== null) ours.add(error);
  throw error;
}

/** Whether the connection to our own database was lost. The thread can be resumed later. */
export function isLostConnection(error: unknown): boolean {
  return isOurs(error) && isUnreachable(error);
}

/** Whether the error comes from our own database, and so not from the node that used it. */
export function isOurs(error: unknown): boolean {
  return typeof error === "object" && error !== null && ours.has(error);
}

/** Whether an error means that the server is stopping, starting or lost. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return isUnreachable(error.errors[0]);
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // The driver's error for a connection that ended during a statement has only a message, no code.
  return UNREACHABLE.test(code) || (code === "" && /connection|timeout/i.test(error.message));
}
