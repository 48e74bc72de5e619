/** A time limit has passed. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * Runs something under a time limit and a signal. `run` gets its own signal, so that no listener stays on a signal that
 * lives longer. The wait ends even when `run` ignores its signal.
 *
 * @throws TimeLimitError at the limit; the signal's reason when it aborts; what `run` throws.
 */
export async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  const timer = setTimeout(() => {
    own.abort(new TimeLimitError(`did not answer within ${limitMs / 1000} s`));
  }, limitMs);
  signal.addEventListener("abort", stop, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    own.signal.addEventListener("abort", () => reject(own.signal.reason), { once: true });
  });
  try {
    return await Promise.race([aborted, run(own.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
