import { ChangeSignal } from "../domain/change-signal.ts";

/**
 * The current calls of one thread in this process: how many are reserved and not settled, how many look for room in the
 * budget, and a signal when one of either ends. A call without room waits for that signal while there are others.
 */
export class CallsUnderWay {
  readonly #changes = new ChangeSignal();
  #workers = 0;
  #reserved = 0;
  #asking = 0;
  #settled = 0;

  /** How many calls share what is left of the budget: those of the workers that have none under way. At least one. */
  get sharers(): number {
    return Math.max(1, this.#workers - this.#reserved);
  }

  /** Counts a worker that buys one call after another, until it leaves. @returns the function to leave with, once. */
  join(): () => void {
    this.#workers += 1;
    return () => {
      this.#workers -= 1;
    };
  }

  /** Does something else while a worker buys nothing. */
  async away<T>(wait: () => Promise<T>): Promise<T> {
    this.#workers -= 1;
    try {
      return await wait();
    } finally {
      this.#workers += 1;
    }
  }

  /**
   * Looks for room, repeatedly while other calls may still return some.
   *
   * @param ask - one look; undefined when there is no room now, but would be without the other calls.
   * @returns undefined when no other call is left to wait for.
   */
  async findRoom<T>(ask: () => Promise<T | undefined>, signal: AbortSignal): Promise<T | undefined> {
    for (;;) {
      const settledBefore = this.#settled;
      const found = await this.#askOnce(ask);
      if (found !== undefined) return found;
      if (this.#settled !== settledBefore) continue;
      if (this.#reserved + this.#asking === 0) return undefined;
      await this.#changes.after(this.#changes.version, signal);
    }
  }

  /** Ends a call that found room. */
  settle(): void {
    this.#reserved -= 1;
    this.#settled += 1;
    this.#changes.announce();
  }

  async #askOnce<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
    this.#asking += 1;
    let found: T | undefined;
    try {
      found = await ask();
      return found;
    } finally {
      this.#asking -= 1;
      if (found === undefined) this.#changes.announce();
      else this.#reserved += 1;
    }
  }
}
