import { setTimeout as sleep } from "node:timers/promises";
import { ChangeSignal } from "../domain/change-signal.ts";

/** A lane's permission to begin one task. */
export interface Start {
  /** The task begins. */
  began(): void;
  /** The task has ended, or there was none. */
  ended(): void;
}

/** Limits for the start of a thread's tasks. Without limits a free lane takes the next task immediately. */
export interface StartLimits {
  /** Tasks in a batch. The next batch begins when all of them have ended. */
  readonly batch?: number | undefined;
  /** The least time between the starts of two tasks. */
  readonly delayMs?: number | undefined;
  /** The time since the thread's last task began in any process, in ms; undefined when none has begun. */
  readonly sinceLastStartMs?: () => Promise<number | undefined>;
  /** Called between two batches. */
  readonly onBatchEnd?: () => void;
}

/**
 * Limits the start of a thread's tasks: in batches with a barrier between them, or minutes apart. All lanes of a run share it.
 * The field report ran its agents in both ways.
 */
export class StartLimiter {
  readonly #options: StartLimits;
  readonly #changes = new ChangeSignal();
  #given = 0;
  #underWay = 0;
  #isSpacing = false;
  #lastStartMs: number | undefined;

  constructor(options: StartLimits) {
    this.#options = options;
  }

  /** Whether there are no limits. */
  get isFree(): boolean {
    return this.#options.batch === undefined && this.#options.delayMs === undefined;
  }

  /**
   * Waits until a task may begin. The caller must always call `ended`.
   *
   * @param onWait - receives a sentence when the wait is long.
   * @throws the signal's reason when it aborts.
   */
  async nextStart(signal: AbortSignal, onWait: (sentence: string) => void): Promise<Start> {
    const { batch, delayMs } = this.#options;
    const mustWait = () => (batch !== undefined && this.#given >= batch) || this.#isSpacing;
    while (mustWait()) await this.#changes.after(this.#changes.version, signal);
    signal.throwIfAborted();
    const start = this.#give();
    try {
      if (delayMs !== undefined) await this.#waitUntilDue(delayMs, signal, onWait);
      return start;
    } catch (error) {
      start.ended();
      throw error;
    }
  }

  #give(): Start {
    this.#given += 1;
    this.#underWay += 1;
    // Only one start waits for the delay at a time: its start decides the time of the next one.
    this.#isSpacing = this.#options.delayMs !== undefined;
    let hasStarted = false;
    let isOver = false;
    return {
      began: () => {
        hasStarted = true;
        this.#lastStartMs = performance.now();
        this.#stopSpacing();
      },
      ended: () => {
        if (isOver) return;
        isOver = true;
        if (!hasStarted) this.#stopSpacing();
        this.#end(hasStarted);
      },
    };
  }

  #stopSpacing(): void {
    this.#isSpacing = false;
    this.#changes.announce();
  }

  #end(hasStarted: boolean): void {
    const { batch, onBatchEnd } = this.#options;
    this.#underWay -= 1;
    if (!hasStarted) this.#given -= 1;
    else if (batch !== undefined && this.#given >= batch && this.#underWay === 0) {
      this.#given = 0;
      onBatchEnd?.();
    }
    this.#changes.announce();
  }

  async #waitUntilDue(delayMs: number, signal: AbortSignal, onWait: (sentence: string) => void) {
    this.#lastStartMs ??= await this.#startBefore();
    const waitMs = this.#lastStartMs + delayMs - performance.now();
    if (waitMs <= 0) return;
    const at = new Date(Date.now() + waitMs).toLocaleTimeString("en-GB");
    onWait(`The next agent starts at ${at}: agents start ${delayMs / 1000} s apart.`);
    // Timers may fire up to a millisecond early.
    await sleep(Math.ceil(waitMs) + 1, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** The start of the last task in any process, by the clock of this process. */
  async #startBefore(): Promise<number> {
    const sinceMs = await this.#options.sinceLastStartMs?.();
    return sinceMs === undefined ? Number.NEGATIVE_INFINITY : performance.now() - sinceMs;
  }
}
