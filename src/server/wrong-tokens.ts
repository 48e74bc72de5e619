/** Wrong tokens within the window at most, before none is looked at any more until the window is over. */
const MOST = 10;
const WINDOW_MS = 60_000;

/**
 * Counts wrong tokens, so that nobody can try many. It counts for all together: behind a loopback address everybody
 * looks the same.
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

  /** For how many seconds nobody may log in; 0 when everybody may. */
  get pauseSeconds(): number {
    const oldest = this.#times[0];
    if (oldest === undefined || this.#times.length < MOST) return 0;
    return Math.max(0, Math.ceil((oldest + WINDOW_MS - this.#now()) / 1000));
  }
}
