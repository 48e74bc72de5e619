/** A signal for one call: aborted with the run's own, or when the stream has said nothing for too long. */
export interface IdleSignal {
  readonly signal: AbortSignal;
  /** Something arrived: the time without a word starts anew. */
  touch(): void;
  /** Whether silence, not the run, ended the call. */
  isIdle(): boolean;
  /** Must be called when the call is over: frees the timer and the listener. */
  stop(): void;
}

/** Watches a call that the SDK's own timeout does not: that one ends when the headers arrive. */
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
