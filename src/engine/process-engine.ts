import type { Engine } from "./engine.ts";

let opened: Promise<Engine> | undefined;

/**
 * The engine of this process, which graphs are built on. Opened at the first use, by whoever comes first: the
 * command line with its own settings, or else a graph's node. A failed opening is tried anew at the next use.
 */
export function processEngine(open: () => Promise<Engine>): Promise<Engine> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Closes the engine if it was opened. */
export async function closeProcessEngine(): Promise<void> {
  const closing = opened;
  opened = undefined;
  await closing?.then((engine) => engine.close());
}
