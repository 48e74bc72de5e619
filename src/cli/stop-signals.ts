/** How often the person, or the system, has said stop. */
export interface StopSignals {
  /** The first Ctrl-C or SIGTERM: finish what is under way. */
  readonly stop: AbortSignal;
  /** The second: end what is under way. The process ends within two seconds, whatever does not answer, or at a third. */
  readonly abort: AbortSignal;
  dispose(): void;
}

const EXIT_WITHIN_MS = 1500;

export function onStopSignals(): StopSignals {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = () => {
    if (abort.signal.aborted) process.exit(130);
    if (stop.signal.aborted) {
      abort.abort(new Error("stopped by a second signal"));
      setTimeout(() => process.exit(130), EXIT_WITHIN_MS).unref();
    }
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
