import { MAX_PARALLEL } from "../domain/config.ts";
import { type CallError, stoppedError } from "./call-error.ts";
import { type Need, RateWindow } from "./rate-window.ts";

/** A call's permission to be sent, given back when it is over. */
export interface SendLease {
  /** The answer's headers have come. */
  onHeaders(headers: Headers): void;
  /** @param how - the error when there is no answer; `unsent` when nothing was sent after all. */
  done(how: "answered" | "unsent" | CallError): void;
}

interface Waiter {
  readonly model: string;
  readonly need: Need;
  readonly grant: (lease: SendLease) => void;
  readonly refuse: (error: CallError) => void;
}

/** How the width goes down after trouble: to how much of itself. */
const AFTER_RATE_LIMIT = 0.5;
const AFTER_OVERLOAD = 0.8;
/** A pause that was asked for is lengthened by up to this share of itself, so that processes do not return together. */
const JITTER = 0.1;
/** The pause after a 429 which does not say how long. */
const UNASKED_PAUSE_MS = 1000;

/**
 * Decides when calls with one API key may be sent, for all agents of this process: at most ten at once, fewer after
 * trouble and again more with each success; none while a `retry-after` runs; none that the server's own rate limits,
 * as its headers tell them, would refuse; none at all once the account has come to the end of its money, or the key was refused.
 */
export class Governor {
  #width = MAX_PARALLEL;
  #running = 0;
  #pausedUntilMs = 0;
  /** Calls sent before this moment have been answered for already: ten 429 at once are one piece of news. */
  #narrowedAtMs = 0;
  #halt: CallError | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting: Waiter[] = [];
  readonly #windows = new Map<string, RateWindow>();
  /** Calls whose headers have not come. */
  readonly #unanswered = new Map<string, Set<Need>>();

  /**
   * Waits for the right to send a call, first come first served.
   *
   * @throws CallError of kind `aborted` when the signal ends the waiting, and the halting error once there was one.
   */
  admit(model: string, need: Need, signal: AbortSignal): Promise<SendLease> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(stoppedError());
      const stopListening = () => signal.removeEventListener("abort", onAbort);
      const waiter: Waiter = {
        model,
        need,
        grant: (lease) => {
          stopListening();
          resolve(lease);
        },
        refuse: (error) => {
          stopListening();
          reject(error);
        },
      };
      const onAbort = () => {
        const place = this.#waiting.indexOf(waiter);
        if (place >= 0) this.#waiting.splice(place, 1);
        waiter.refuse(stoppedError());
        this.#letGo();
      };
      signal.addEventListener("abort", onAbort);
      this.#waiting.push(waiter);
      this.#letGo();
    });
  }

  /** Forgets what halted it: a human says by going on that it is seen to. */
  lift(): void {
    this.#halt = undefined;
  }

  /** Until when no call is sent, in ms since the epoch; in the past when none waits for that. */
  get pausedUntilMs(): number {
    return this.#pausedUntilMs;
  }

  /** Lets those go whose time has come, in their order; looks again when the next one's has. */
  #letGo(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#halt) {
        this.#waiting.shift();
        next.refuse(this.#halt);
        continue;
      }
      if (this.#running >= Math.floor(this.#width)) return;
      const nowMs = Date.now();
      const waitMs = Math.max(
        this.#pausedUntilMs - nowMs,
        this.#windowOf(next.model).waitMs(next.need, nowMs),
      );
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#letGo(), Math.min(waitMs, 2 ** 31 - 1));
        return;
      }
      this.#waiting.shift();
      next.grant(this.#start(next, nowMs));
    }
  }

  #start({ model, need }: Waiter, sentAtMs: number): SendLease {
    this.#running += 1;
    const window = this.#windowOf(model);
    const unanswered = this.#unansweredOf(model);
    window.take(need, sentAtMs);
    unanswered.add(need);
    let isOver = false;
    return {
      onHeaders: (headers) => {
        unanswered.delete(need);
        window.learn(headers, [...unanswered], Date.now());
      },
      done: (how) => {
        if (isOver) return;
        isOver = true;
        unanswered.delete(need);
        this.#running -= 1;
        if (how === "answered") this.#width = Math.min(MAX_PARALLEL, this.#width + 1 / this.#width);
        else if (how !== "unsent") this.#learnFrom(how, sentAtMs);
        this.#letGo();
      },
    };
  }

  #learnFrom(error: CallError, sentAtMs: number): void {
    // A key that is refused once is refused always.
    if (error.kind === "halted" || error.status === 401) this.#halt = error;
    if (error.kind !== "later" || error.status === undefined) return;
    const isRateLimit = error.status === 429;
    const askedMs = error.retryAfterMs ?? (isRateLimit ? UNASKED_PAUSE_MS : 0);
    const untilMs = Date.now() + askedMs * (1 + Math.random() * JITTER);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    if (sentAtMs < this.#narrowedAtMs) return;
    this.#narrowedAtMs = Date.now();
    this.#width = Math.max(1, this.#width * (isRateLimit ? AFTER_RATE_LIMIT : AFTER_OVERLOAD));
  }

  #windowOf(model: string): RateWindow {
    return ofClass(this.#windows, model, () => new RateWindow());
  }

  #unansweredOf(model: string): Set<Need> {
    return ofClass(this.#unanswered, model, () => new Set());
  }
}

/** Limits are shared by a class of models: all Sonnets, all Opuses. */
function ofClass<T>(map: Map<string, T>, model: string, make: () => T): T {
  const name = /haiku|sonnet|opus|fable|mythos/.exec(model)?.[0] ?? model;
  const known = map.get(name) ?? make();
  map.set(name, known);
  return known;
}
