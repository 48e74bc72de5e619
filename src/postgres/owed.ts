import { setTimeout as sleep } from "node:timers/promises";
import { ChangeSignal } from "../domain/change-signal.ts";
import { messageOf } from "../domain/errors.ts";
import { troubleOf } from "./trouble.ts";

/** Which errors are waited out, and what is done between two tries. */
export interface Patience {
  /** The sentence for people about an error that is waited out; undefined for one that is thrown. Default: the server's troubles. */
  readonly waitsFor?: (error: unknown) => string | undefined;
  /** Undoes what a try that was cut off may have done. */
  readonly undo?: () => Promise<unknown>;
}

/** The longest wait before each next try: the last one again and again. Half of it is left to chance. */
const WAITS_MS = [20, 50, 100, 250, 500, 1000] as const;
/** A trouble that is over sooner is no news. */
const NEWS_AFTER_MS = 1000;

/**
 * The writes that this process owes one database: each is held and tried again until it succeeds, or its run is stopped.
 * Nothing new is bought meanwhile. People read once what is wrong and what ends it, and once that it is over.
 */
export class Owed {
  readonly #say: (sentence: string) => void;
  readonly #changes = new ChangeSignal();
  readonly #held = new Set<{ sentence: string }>();
  #said: string | undefined;
  #news: NodeJS.Timeout | undefined;

  constructor(say: (sentence: string) => void) {
    this.#say = say;
  }

  get isClear(): boolean {
    return this.#held.size === 0;
  }

  /** Waits until nothing is owed. Rejects when the signal aborts. */
  async clear(signal: AbortSignal): Promise<void> {
    while (this.#held.size > 0) await this.#changes.after(this.#changes.version, signal);
  }

  /**
   * Does work until it succeeds. The first try is made even when the signal has aborted.
   *
   * @throws what the last try threw, when the signal aborts or the error is not one to wait out.
   */
  async until<T>(work: () => Promise<T>, signal: AbortSignal, patience: Patience = {}): Promise<T> {
    const { waitsFor = troubleOf, undo } = patience;
    let owed: { sentence: string } | undefined;
    try {
      for (let tries = 0; ; tries++) {
        try {
          if (tries > 0) await undo?.();
          return await work();
        } catch (error) {
          const sentence = waitsFor(error);
          if (sentence === undefined || signal.aborted) throw error;
          owed = this.#hold(owed, sentence);
          const mostMs = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] ?? 0;
          const waitMs = mostMs * (1 - Math.random() / 2); // Processes that try in step refuse each other again and again.
          await sleep(waitMs, undefined, { signal }).catch(() => {
            throw error;
          });
        }
      }
    } finally {
      if (owed) this.#settle(owed);
    }
  }

  #hold(owed: { sentence: string } = { sentence: "" }, sentence: string): { sentence: string } {
    owed.sentence = sentence;
    this.#held.add(owed);
    this.#news ??= setTimeout(() => this.#tell(), NEWS_AFTER_MS).unref();
    return owed;
  }

  #settle(owed: { sentence: string }): void {
    this.#held.delete(owed);
    if (this.#held.size > 0) return;
    clearTimeout(this.#news);
    this.#news = undefined;
    if (this.#said !== undefined) this.#say("Postgres takes writes again.");
    this.#said = undefined;
    this.#changes.announce();
  }

  #tell(): void {
    this.#news = setTimeout(() => this.#tell(), NEWS_AFTER_MS).unref();
    const [first] = this.#held;
    if (!first || first.sentence === this.#said) return;
    this.#said = first.sentence;
    this.#say(`${first.sentence} Until then finished work is held, and nothing new is bought.`);
  }
}

/** Every error is waited out: for an answer that is paid. */
export function anyError(error: unknown): string {
  return (
    troubleOf(error) ??
    `Postgres does not record a paid answer (${messageOf(error)}). Mend that, or stop with Ctrl-C twice.`
  );
}
