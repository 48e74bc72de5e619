/** A connection that can be cut. */
interface Watched {
  readonly backendPid: number;
  cut(): void;
}

/** A statement that takes longer may be one that the server does not know of. */
const SUSPICIOUS_AFTER_MS = 4000;
/** How long a new connection may take to say what the server is doing. */
const ANSWER_WITHIN_MS = 4000;
const LOOK_EVERY_MS = 1000;

/** Asks the server over a new connection which of these backends are at work. */
export type AskWhoWorks = (pids: readonly number[], withinMs: number) => Promise<readonly number[]>;

/**
 * Notices a server, or a network, that goes silent with its connections open: TCP alone would wait for ever. A statement that
 * takes seconds makes it ask the server, over a new connection, whether it is at work on it. When nothing answers, or the
 * server knows nothing of it, the connection is cut, and the statement fails as with any lost connection.
 */
export class Silence {
  readonly #ask: AskWhoWorks;
  readonly #pending = new Map<symbol, { readonly client: Watched; readonly sinceMs: number }>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(ask: AskWhoWorks) {
    this.#ask = ask;
  }

  /** A statement begins on the connection. @returns what to call when it is over. */
  begin(client: Watched): () => void {
    const key = Symbol();
    this.#pending.set(key, { client, sinceMs: performance.now() });
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
    return () => void this.#pending.delete(key);
  }

  /** Never throws. */
  async #look(): Promise<void> {
    if (this.#pending.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    const before = performance.now() - SUSPICIOUS_AFTER_MS;
    const late = [...this.#pending].filter(([, { sinceMs }]) => sinceMs < before);
    if (late.length === 0 || this.#isAsking) return;
    this.#isAsking = true;
    const pids = late.map(([, { client }]) => client.backendPid);
    const working = await this.#ask(pids, ANSWER_WITHIN_MS).catch(() => undefined);
    this.#isAsking = false;
    for (const [key, { client }] of late) {
      if (!this.#pending.has(key) || working?.includes(client.backendPid)) continue;
      client.cut();
    }
  }
}
