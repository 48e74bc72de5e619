/** The wrong tokens in a window after which their senders must wait. */
const MOST = 10;
const WINDOW_MS = 60_000;

/**
 * Counts wrong tokens, for all clients together, because all have the same loopback address. So it decides nothing about the
 * right token.
 */
export class WrongTokens {
  readonly #now: () => number;
  #times: number[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  count(): void {
    this.#times.push(this.#now());
    this.#times = this.#times.slice(-MOST);
  }

  /** The seconds that a sender of wrong tokens should wait; 0 for none. */
  get pauseSeconds(): number {
    const oldest = this.#times[0];
    if (oldest === undefined || this.#times.length < MOST) return 0;
    return Math.max(0, Math.ceil((oldest + WINDOW_MS - this.#now()) / 1000));
  }
}
