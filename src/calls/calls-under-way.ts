import { ChangeSignal } from "../domain/change-signal.ts";

/**
 * The current calls of one thread in this process: how many are reserved and not settled, how many look for room in the
 * budget, and a signal when one of either ends. A call without room waits for that signal while there are others.
 */
export class CallsUnderWay {
  readonly #changes = new ChangeSignal();
  #reserved = 0;
  #asking = 0;
  #settled = 0;

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
