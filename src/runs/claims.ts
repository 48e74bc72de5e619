import { UsageError } from "../domain/errors.ts";
import type { SessionLocks } from "../postgres/session-locks.ts";

/** The threads that this process runs, each under its advisory lock. */
export class Claims {
  readonly #locks: SessionLocks;
  readonly #claimed = new Map<string, AbortController>();

  constructor(locks: SessionLocks) {
    this.#locks = locks;
  }

  /** Claims a thread for one run; false while another run has it, in this process or elsewhere. */
  async claim(threadId: string): Promise<boolean> {
    // The lock does not exclude two runs in one process, because they share the connection that holds it.
    if (this.#claimed.has(threadId)) return false;
    this.#claimed.set(threadId, new AbortController());
    const isOurs = await this.#locks.tryLock({ threadId, slot: 0 });
    if (!isOurs) this.#claimed.delete(threadId);
    return isOurs;
  }

  /** Stops the thread's run in this process, if there is one. */
  cancel(threadId: string): void {
    this.#claimed.get(threadId)?.abort(new UsageError(`Thread ${threadId} was cancelled.`));
  }

  /** Aborted when the claimed thread is cancelled. */
  cancelled(threadId: string): AbortSignal {
    return this.#claimed.get(threadId)?.signal ?? new AbortController().signal;
  }

  async release(threadId: string): Promise<void> {
    this.#claimed.delete(threadId);
    // After a lost connection the server has released the lock.
    if (!this.#locks.lost.aborted) await this.#locks.unlock({ threadId, slot: 0 });
  }
}
