import { setTimeout as sleep } from "node:timers/promises";

/** For how long a server that is gone is waited for: a restart takes a second or two. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 250;

/** SQLSTATE classes and codes by which a server says that it is going down, coming up, or was lost. */
const UNREACHABLE = /^(08|57P0[123]|E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NOTFOUND))/;

/**
 * Does a statement that may be repeated, again and again while the server cannot be reached: for what was paid for
 * and must not be lost with a connection.
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

/** Errors of our own connections: a node may throw an error that only looks like one. */
const ours = new WeakSet<object>();

/** Marks an error as one of our own database's, and throws it on. */
export function throwOurs(error: unknown): never {
  if (typeof error === "object" && error !== null) ours.add(error);
  throw error;
}

/** Whether our own database's connection was lost: the thread cannot be recorded now, and can be resumed later. */
export function isLostConnection(error: unknown): boolean {
  return isOurs(error) && isUnreachable(error);
}

/** Whether our own database refused or lost a statement: that says nothing about the node which waited for it. */
export function isOurs(error: unknown): boolean {
  return typeof error === "object" && error !== null && ours.has(error);
}

/** Whether an error says that the server is gone, going, or not up yet. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof AggregateError) return isUnreachable(error.errors[0]);
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // The driver names a connection that ended under a statement by its words alone.
  return UNREACHABLE.test(code) || (code === "" && /connection|timeout/i.test(error.message));
}
