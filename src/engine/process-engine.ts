import type { Engine } from "./engine.ts";

/** The engine of this process, opened at first use by whoever was set as its opener. */
let opener: (() => Promise<Engine>) | undefined;
let opened: Promise<Engine> | undefined;

/** Says how this process opens its engine. The last one set before the first use counts. */
export function setEngineOpener(open: () => Promise<Engine>): void {
  opener = open;
}

/** The engine of this process; graphs are built on it. A failed opening is tried anew at the next use. */
export function processEngine(): Promise<Engine> {
  if (!opener) throw new Error("No engine opener is set for this process.");
  opened ??= opener().catch((error: unknown) => {
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
