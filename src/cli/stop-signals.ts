/** Requests to stop: Ctrl-C, SIGTERM, or a closed terminal. */
export interface StopSignals {
  /** Aborted by the first: finish the calls under way. */
  readonly stop: AbortSignal;
  /** Aborted by the second: abort those calls. The process ends within two seconds, or immediately at a third. */
  readonly abort: AbortSignal;
  dispose(): void;
}

/** npm passes on a signal that the terminal has already sent to all its processes. The second one arrives this late. */
const ECHO_MS = 300;
/** After the terminal is closed nobody can press Ctrl-C again: the time to finish, and then to stop. */
const FINISH_WITHIN_MS = 60_000;
const EXIT_WITHIN_MS = 1500;

/** @param hasEchoes - whether a package manager started this process, and so may pass on signals. */
export function onStopSignals(hasEchoes: boolean): StopSignals {
  const stop = new AbortController();
  const abort = new AbortController();
  let lastMs = Number.NEGATIVE_INFINITY;
  const stopNow = () => {
    abort.abort(new Error("stopped by a second signal"));
    setTimeout(() => process.exit(130), EXIT_WITHIN_MS).unref();
  };
  const onSignal = () => {
    const isEcho = hasEchoes && performance.now() - lastMs < ECHO_MS;
    if (isEcho) return;
    lastMs = performance.now();
    if (abort.signal.aborted) process.exit(130);
    if (stop.signal.aborted) stopNow();
    stop.abort(new Error("stopped by a signal"));
  };
  // Shell and system both send it, so a second one is no second request.
  const onHangUp = () => {
    // Writing to the closed terminal fails, and that must not end the process.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    stop.abort(new Error("stopped because the terminal was closed"));
    setTimeout(stopNow, FINISH_WITHIN_MS).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onHangUp);
  return {
    stop: stop.signal,
    abort: abort.signal,
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.off("SIGHUP", onHangUp);
    },
  };
}
