import { setTimeout as sleep } from "node:timers/promises";
import { ChangeSignal } from "../domain/change-signal.ts";

/** A lane's leave to begin one task. */
export interface Turn {
  /** The task begins. */
  started(): void;
  /** The task is over, or there was none. */
  ended(): void;
}

/** How fast a thread's tasks may begin; without one of these a lane takes the next task as soon as it is free. */
export interface StartLimits {
  /** So many tasks begin, all of them end, and only then the next so many begin. */
  readonly batch?: number | undefined;
  /** A task begins no sooner than this after the one before it began. */
  readonly delayMs?: number | undefined;
  /** How long ago the thread's last task began, in ms, in whatever process; undefined when none did. */
  readonly sinceLastStartMs?: () => Promise<number | undefined>;
  /** Done between two batches. */
  readonly onBatchEnd?: () => void;
}

/**
 * Lets a thread's lanes begin tasks in the field report's careful ways: in batches with a barrier, or a few minutes apart.
 * Shared by all lanes of a run.
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

  /** Whether a lane may take the next task without asking. */
  get isFree(): boolean {
    return this.#options.batch === undefined && this.#options.delayMs === undefined;
  }

  /**
   * Waits for leave to begin a task. The turn must be ended, whatever came of it.
   *
   * @param onWait - told in a sentence when it takes a while.
   * @throws the signal's reason when it aborts.
   */
  async turn(signal: AbortSignal, onWait: (sentence: string) => void): Promise<Turn> {
    const { batch, delayMs } = this.#options;
    const mustWait = () => (batch !== undefined && this.#given >= batch) || this.#isSpacing;
    while (mustWait()) await this.#changes.after(this.#changes.version, signal);
    signal.throwIfAborted();
    const turn = this.#give();
    try {
      if (delayMs !== undefined) await this.#waitUntilDue(delayMs, signal, onWait);
      return turn;
    } catch (error) {
      turn.ended();
      throw error;
    }
  }

  #give(): Turn {
    this.#given += 1;
    this.#underWay += 1;
    // Whoever waits for the delay goes alone: when the next one may begin is known when this one has begun or not.
    this.#isSpacing = this.#options.delayMs !== undefined;
    let hasStarted = false;
    let isOver = false;
    return {
      started: () => {
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
    await sleep(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  /** When the last task began, by this process's clock, whoever ran it. */
  async #startBefore(): Promise<number> {
    const sinceMs = await this.#options.sinceLastStartMs?.();
    return sinceMs === undefined ? Number.NEGATIVE_INFINITY : performance.now() - sinceMs;
  }
}
