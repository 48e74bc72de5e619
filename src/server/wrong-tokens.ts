/** The most wrong tokens in a window. After that no token is checked until the window ends. */
const MOST = 10;
const WINDOW_MS = 60_000;

/**
 * Counts wrong tokens, against guessing. It counts for all clients together, because all have the same loopback address.
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

  /** The seconds until the next login is possible; 0 for now. */
  get pauseSeconds(): number {
    const oldest = this.#times[0];
    if (oldest === undefined || this.#times.length < MOST) return 0;
    return Math.max(0, Math.ceil((oldest + WINDOW_MS - this.#now()) / 1000));
  }
}
