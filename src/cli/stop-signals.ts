/** How often the person, or the system, has said stop. */
export interface StopSignals {
  /** The first Ctrl-C or SIGTERM: finish what is under way. */
  readonly stop: AbortSignal;
  /** The second: end what is under way. A third ends the process at once. */
  readonly abort: AbortSignal;
  dispose(): void;
}

export function onStopSignals(): StopSignals {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(130);
    if (stop.signal.aborted) abort.abort(new Error("stopped by a second signal"));
    stop.abort(new Error("stopped by a signal"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
