import { MAX_PARALLEL } from "../domain/config.ts";
import { renderDuration } from "../format/amounts.ts";
import { CallError, stoppedError } from "./call-error.ts";
import { type Need, RateWindow } from "./rate-window.ts";

/** The right to send one call. The caller returns it when the call is over. */
export interface SendLease {
  /** The answer begins: the server works. */
  onStart(): void;
  /** The answer's headers have arrived. */
  onHeaders(headers: Headers): void;
  /** @param how - the error when there is no answer; `unsent` when nothing was sent. */
  done(how: "answered" | "unsent" | CallError): void;
}

interface Waiter {
  readonly model: string;
  readonly need: Need;
  readonly grant: (lease: SendLease) => void;
  readonly refuse: (error: CallError) => void;
}

/** The factor by which the width shrinks after a failure. */
const AFTER_RATE_LIMIT = 0.5;
const AFTER_OVERLOAD = 0.8;
/** The largest random extension of a pause, as a share of it, so that processes do not return together. */
const JITTER = 0.1;
/** The pause after a 429 without a duration. */
const UNASKED_PAUSE_MS = 1000;
/** The pauses between the calls that look whether an outage is over. */
const FIRST_PROBE_MS = 500;
const LONGEST_PROBE_MS = 30_000;
const LONGEST_SAID_MS = 86_400_000;

/** A time in which no answer begins. One call at a time looks whether it is over; the others wait. */
interface Outage {
  /** The failure that began it. */
  readonly begunBy: CallError;
  failures: number;
  probeAtMs: number;
  isProbing: boolean;
}

/**
 * Decides when calls with one API key are sent, for all agents of this process. At most ten run in parallel, fewer after
 * a failure, and gradually more with each success. None is sent while a `retry-after` runs, or when the rate limits in the
 * server's headers would refuse it. None at all is sent once the account has no money left, the key was refused, or an
 * outage was given up. Measures time by a clock that never steps back.
 */
export class Governor {
  #width = MAX_PARALLEL;
  #running = 0;
  #pausedUntilMs = 0;
  /** Failures of calls sent before this moment count no more: ten parallel 429 are one event. */
  #narrowedAtMs = 0;
  #halt: CallError | undefined;
  #outage: Outage | undefined;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  readonly #waiting: Waiter[] = [];
  readonly #windows = new Map<string, RateWindow>();
  /** Calls whose headers have not arrived. */
  readonly #unanswered = new Map<string, Set<Need>>();

  /**
   * Waits for the right to send a call, first come, first served.
   *
   * @throws CallError of kind `aborted` when the signal aborts the wait, and the error that halted it, if there is one.
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
        this.#grantDue();
      };
      signal.addEventListener("abort", onAbort);
      this.#waiting.push(waiter);
      this.#grantDue();
    });
  }

  /** Forgets the error that halted it: a human who continues has fixed its cause. */
  lift(): void {
    this.#halt = undefined;
    this.#outage = undefined;
    this.#pausedUntilMs = 0;
  }

  /** How long the current pause still lasts, in ms; 0 when there is none. */
  get pauseLeftMs(): number {
    const untilMs = Math.max(this.#pausedUntilMs, this.#outage?.probeAtMs ?? 0);
    return Math.max(0, untilMs - performance.now());
  }

  /** Whether a failure belongs to an outage, and whether it began it. */
  outageOf(error: CallError): "begun" | "known" | undefined {
    if (!this.#outage || !isOutage(error)) return undefined;
    return this.#outage.begunBy === error ? "begun" : "known";
  }

  /**
   * Ends the patience with a failure that lasts. When no call was answered meanwhile the server is gone, so that everything
   * stops until it is lifted.
   *
   * @param sinceMs - when it began, by `performance.now()`.
   * @returns the error to throw.
   */
  giveUp(error: CallError, sinceMs: number): CallError {
    if (this.#answeredAtMs >= sinceMs) return error;
    const minutes = Math.max(1, Math.round((performance.now() - sinceMs) / 60_000));
    return this.#haltWith(error, `Claude could not be reached for ${minutes} min. ${error.message}`);
  }

  /** Stops everything until it is lifted: the server asks for a longer wait than an outage is waited out. */
  stopFor(error: CallError): CallError {
    const wait = renderDuration(Math.min(error.retryAfterMs ?? 0, LONGEST_SAID_MS));
    return this.#haltWith(error, `${error.message} The server asks to wait for ${wait}: continue then.`);
  }

  #haltWith({ status, cause }: CallError, sentence: string): CallError {
    this.#halt ??= new CallError(sentence, { kind: "outage", status, cause });
    this.#grantDue();
    return this.#halt;
  }

  /** Sends the calls that are due, in their order, and schedules the next look. */
  #grantDue(): void {
    clearTimeout(this.#timer);
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#halt) {
        this.#waiting.shift();
        next.refuse(this.#halt);
        continue;
      }
      if (this.#running >= Math.floor(this.#width) || this.#outage?.isProbing) return;
      const nowMs = performance.now();
      const waitMs = Math.max(
        this.#pausedUntilMs - nowMs,
        (this.#outage?.probeAtMs ?? 0) - nowMs,
        this.#windowOf(next.model).waitMs(next.need, nowMs),
      );
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#grantDue(), Math.min(waitMs, 2 ** 31 - 1));
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
    const probed = this.#outage;
    if (probed) probed.isProbing = true;
    const endProbe = () => {
      if (probed) probed.isProbing = false;
    };
    return {
      onStart: () => {
        endProbe();
        this.#outage = undefined;
        this.#grantDue();
      },
      onHeaders: (headers) => {
        unanswered.delete(need);
        window.learn(headers, [...unanswered], performance.now());
      },
      done: (how) => {
        if (isOver) return;
        isOver = true;
        unanswered.delete(need);
        this.#running -= 1;
        endProbe();
        if (how === "answered") this.#answeredAtMs = performance.now();
        if (how === "answered") this.#width = Math.min(MAX_PARALLEL, this.#width + 1 / this.#width);
        else if (how !== "unsent") this.#learnFrom(how, sentAtMs);
        this.#grantDue();
      },
    };
  }

  #learnFrom(error: CallError, sentAtMs: number): void {
    // A key that was refused once is always refused.
    if (error.kind === "halted" || error.status === 401) this.#halt = error;
    if (error.kind !== "later") return;
    if (isOutage(error)) this.#failInOutage(error);
    if (error.status === undefined) return;
    const isRateLimit = error.status === 429;
    const askedMs = error.retryAfterMs ?? (isRateLimit ? UNASKED_PAUSE_MS : 0);
    const untilMs = performance.now() + askedMs * (1 + Math.random() * JITTER);
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, untilMs);
    if (sentAtMs < this.#narrowedAtMs) return;
    this.#narrowedAtMs = performance.now();
    this.#width = Math.max(1, this.#width * (isRateLimit ? AFTER_RATE_LIMIT : AFTER_OVERLOAD));
  }

  /** Failures of calls that were sent before it began make it no longer: they are the same event. */
  #failInOutage(error: CallError): void {
    const outage = this.#outage ?? { begunBy: error, failures: 0, probeAtMs: 0, isProbing: false };
    this.#outage = outage;
    const nowMs = performance.now();
    if (outage.probeAtMs > nowMs) return;
    const pauseMs = Math.min(LONGEST_PROBE_MS, FIRST_PROBE_MS * 2 ** outage.failures);
    outage.failures += 1;
    outage.probeAtMs = nowMs + pauseMs * (0.75 + Math.random() / 4);
  }

  #windowOf(model: string): RateWindow {
    return ofClass(this.#windows, model, () => new RateWindow());
  }

  #unansweredOf(model: string): Set<Need> {
    return ofClass(this.#unanswered, model, () => new Set());
  }
}

/** Whether a failure says that the server is gone: the answer did not begin, and no limit was reached. */
function isOutage({ kind, status, mayBeBilled }: CallError): boolean {
  return kind === "later" && status !== 429 && !mayBeBilled;
}

/** A class of models shares its limits: all Sonnets, all Opuses. */
function ofClass<T>(map: Map<string, T>, model: string, make: () => T): T {
  const name = /haiku|sonnet|opus|fable|mythos/.exec(model)?.[0] ?? model;
  const known = map.get(name) ?? make();
  map.set(name, known);
  return known;
}
