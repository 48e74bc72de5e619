import { ConnectionLostError, UsageError } from "../domain/errors.ts";
import type { SessionLocks } from "../postgres/session-locks.ts";

/** Why the run of a claimed thread must stop. */
interface Claim {
  readonly cancelled: AbortController;
  readonly taken: AbortController;
}

/** The threads that this process runs, each under its advisory lock. */
export class Claims {
  readonly #locks: SessionLocks;
  readonly #claimed = new Map<string, Claim>();

  constructor(locks: SessionLocks) {
    this.#locks = locks;
  }

  /** Claims a thread for one run; false while another run has it, in this process or elsewhere. */
  async claim(threadId: string): Promise<boolean> {
    // The lock does not exclude two runs in one process: the connection holds it.
    if (this.#claimed.has(threadId)) return false;
    this.#claimed.set(threadId, { cancelled: new AbortController(), taken: new AbortController() });
    const isOurs = await this.#locks.lockThread(threadId).catch((error: unknown) => {
      this.#claimed.delete(threadId);
      throw error;
    });
    if (!isOurs) this.#claimed.delete(threadId);
    return isOurs;
  }

  /** Stops the run of a thread in this process, if there is one: a human cancelled it. */
  cancel(threadId: string): void {
    this.#claimed.get(threadId)?.cancelled.abort(new UsageError(`Thread ${threadId} was cancelled.`));
  }

  /** Stops the run of a thread in this process: another process has taken the thread over. */
  giveUp(threadId: string): void {
    this.#claimed
      .get(threadId)
      ?.taken.abort(
        new ConnectionLostError(
          `The connection to Postgres was lost, and another process has taken thread ${threadId} over: follow it with "watch ${threadId}".`,
        ),
      );
  }

  /** Aborted when a human cancelled the claimed thread. */
  cancelled(threadId: string): AbortSignal {
    return this.#claimed.get(threadId)?.cancelled.signal ?? NEVER;
  }

  /** Aborted when another process has taken the claimed thread over. Its reason is the error for people. */
  taken(threadId: string): AbortSignal {
    return this.#claimed.get(threadId)?.taken.signal ?? NEVER;
  }

  async release(threadId: string): Promise<void> {
    this.#claimed.delete(threadId);
    await this.#locks.unlock({ threadId, slot: 0 });
  }
}

const NEVER = new AbortController().signal;
