/** It took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * Does something under a time limit and a signal. What it is given to obey is a signal of its own, so that nothing stays
 * with one which lives longer; whether it obeys or not, the wait for it ends.
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
