import { setMaxListeners } from "node:events";

/** A cache of joined signals: one for each run, because a joined signal lives as long as its sources. */
const joined = new WeakMap<AbortSignal, { readonly draining: AbortSignal; readonly stop: AbortSignal }>();

/** Aborted when a run must stop immediately, or must start nothing new. */
export function stopSignal(signal: AbortSignal, draining: AbortSignal): AbortSignal {
  const known = joined.get(signal);
  if (known?.draining === draining) return known.stop;
  const stop = AbortSignal.any([signal, draining]);
  setMaxListeners(0, stop); // Ten agents listen to it for a short time: that is no leak.
  joined.set(signal, { draining, stop });
  return stop;
}
