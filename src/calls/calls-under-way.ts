import { ChangeSignal } from "../domain/change-signal.ts";

/**
 * The calls of one thread in this process: how many are reserved and not settled, how many are asking for room, and
 * the news when one of either is over. Who finds no room waits for that, as long as there is anything to wait for.
 */
export class CallsUnderWay {
  readonly #changes = new ChangeSignal();
  #reserved = 0;
  #asking = 0;
  #settled = 0;

  /**
   * Asks for room, again and again while calls under way may still give some back.
   *
   * @param ask - asks once; undefined when there is no room now, but would be with nothing under way.
   * @returns undefined when there is nothing left to wait for.
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

  /** A call that found room is over. */
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
