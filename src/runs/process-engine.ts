import type { Engine } from "./engine.ts";

/** The engine of this process, which all copies of this package in it share. */
const HOLDER = Symbol.for("decurion");
type Holder = typeof globalThis & { [HOLDER]?: Promise<Engine> | undefined };
const holder: Holder = globalThis;

/**
 * The engine of this process, which graphs are built on. Opened at the first use, by whoever comes first: the
 * command line with its own settings, or else a graph's node. A failed opening is tried anew at the next use, and so is
 * one that lost its database: a server goes on when Postgres does.
 */
export async function processEngine(open: () => Promise<Engine>): Promise<Engine> {
  holder[HOLDER] ??= open().catch((error: unknown) => {
    holder[HOLDER] = undefined;
    throw error;
  });
  const current = holder[HOLDER];
  const engine = await current;
  if (!engine.lost.aborted) return engine;
  if (holder[HOLDER] === current) {
    holder[HOLDER] = undefined;
    void engine.close().catch(() => undefined); // What it was connected to is gone.
  }
  return processEngine(open);
}

/** Closes the engine if it was opened. */
export async function closeProcessEngine(): Promise<void> {
  const closing = holder[HOLDER];
  holder[HOLDER] = undefined;
  await closing?.then((engine) => engine.close());
}
