/** A signal for one call. Aborted with the run's signal, or when the stream is silent for too long. */
export interface IdleSignal {
  readonly signal: AbortSignal;
  /** Something arrived: the silence starts again from zero. */
  touch(): void;
  /** Whether silence, not the run, ended the call. */
  isIdle(): boolean;
  /** Call this when the call is over. Frees the timer and the listener. */
  stop(): void;
}

/** Watches a call's stream. The SDK's own timeout ends when the headers arrive. */
export function idleSignal(idleMs: number, outer: AbortSignal): IdleSignal {
  const controller = new AbortController();
  let idle = false;
  const timer = setTimeout(() => {
    idle = true;
    controller.abort(new Error(`nothing arrived for ${idleMs} ms`));
  }, idleMs);
  const onAbort = () => controller.abort(outer.reason);
  if (outer.aborted) onAbort();
  outer.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    touch: () => void timer.refresh(),
    isIdle: () => idle,
    stop: () => {
      clearTimeout(timer);
      outer.removeEventListener("abort", onAbort);
    },
  };
}
