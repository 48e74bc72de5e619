/** Requests to stop, from Ctrl-C or SIGTERM. */
export interface StopSignals {
  /** Aborted by the first: finish the calls under way. */
  readonly stop: AbortSignal;
  /** Aborted by the second: abort those calls. A third ends the process immediately. */
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
