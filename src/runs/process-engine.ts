import type { Engine } from "./engine.ts";

let opened: Promise<Engine> | undefined;

/**
 * The engine of this process, which graphs are built on. Opened at the first use, by whoever comes first: the
 * command line with its own settings, or else a graph's node. A failed opening is tried anew at the next use, and so is
 * one that lost its database: a server goes on when Postgres does.
 */
export async function processEngine(open: () => Promise<Engine>): Promise<Engine> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  const current = opened;
  const engine = await current;
  if (!engine.lost.aborted) return engine;
  if (opened === current) {
    opened = undefined;
    void engine.close().catch(() => undefined); // What it was connected to is gone.
  }
  return processEngine(open);
}

/** Closes the engine if it was opened. */
export async function closeProcessEngine(): Promise<void> {
  const closing = opened;
  opened = undefined;
  await closing?.then((engine) => engine.close());
}
