import { setMaxListeners } from "node:events";

/** Joined signals by the run's own: made once a run, because each one stays with its sources as long as they live. */
const joined = new WeakMap<AbortSignal, { readonly draining: AbortSignal; readonly stop: AbortSignal }>();

/** Aborted when a run is told to stop at once, or to begin nothing new. */
export function stopSignal(signal: AbortSignal, draining: AbortSignal): AbortSignal {
  const known = joined.get(signal);
  if (known?.draining === draining) return known.stop;
  const stop = AbortSignal.any([signal, draining]);
  setMaxListeners(0, stop); // Ten agents listen to it, each for a moment: no leak to be warned of.
  joined.set(signal, { draining, stop });
  return stop;
}
