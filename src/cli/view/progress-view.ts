import type { ProgressEvent } from "../../domain/event.ts";
import { manyLines } from "./display-width.ts";
import { renderFrame } from "./live-frame.ts";
import { renderEvent } from "./plain-progress.ts";
import { RunProgress } from "./run-progress.ts";
import { sizeOf, TerminalRegion, type TerminalStream } from "./terminal-region.ts";

export interface ProgressViewOptions {
  /** On a terminal, one without the gate. */
  readonly stream: TerminalStream;
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly budgetUsd: number;
  /** A monotonic clock in ms; default: the process's. */
  readonly now?: () => number;
}

/** The view of a run in progress. */
export interface ProgressView {
  onEvent(event: ProgressEvent): void;
  /** Writes a line that stays above the list. */
  note(sentence: string): void;
  /** After a human has raised it. */
  setBudget(budgetUsd: number): void;
  /** Hides the list, for a question. Still takes events. */
  pause(): void;
  resume(): void;
  /** Leaves the final list on the terminal. May be called twice. */
  stop(): void;
}

/** A live list on a terminal; elsewhere a plain line for each event. */
export function createProgressView(options: ProgressViewOptions): ProgressView {
  return options.isTerminal ? new LiveView(options) : createPlainView(options.stream);
}

function createPlainView(stream: TerminalStream): ProgressView {
  const writeLine = (line: string | undefined): void => {
    if (line !== undefined) stream.write(`${line}\n`);
  };
  return {
    onEvent: (event) => writeLine(renderEvent(event)),
    note: (sentence) => writeLine(manyLines(sentence)),
    setBudget: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    stop: () => undefined,
  };
}

const FRAME_MS = 100;

class LiveView implements ProgressView {
  readonly #options: ProgressViewOptions;
  readonly #region: TerminalRegion;
  readonly #progress = new RunProgress();
  readonly #now: () => number;
  #budgetUsd: number;
  #startedAtMs: number;
  #pausedAtMs: number | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: ProgressViewOptions) {
    this.#options = options;
    this.#budgetUsd = options.budgetUsd;
    this.#region = new TerminalRegion(options.stream);
    this.#now = options.now ?? (() => performance.now());
    this.#startedAtMs = this.#now();
  }

  onEvent(event: ProgressEvent): void {
    this.#progress.hear(event, this.#now());
    this.#plan();
  }

  note(sentence: string): void {
    this.#region.insert(manyLines(sentence));
  }

  setBudget(budgetUsd: number): void {
    this.#budgetUsd = budgetUsd;
  }

  pause(): void {
    if (this.#isStopped || this.#pausedAtMs !== undefined) return;
    this.#pausedAtMs = this.#now();
    this.#rest();
    this.#region.clear();
  }

  resume(): void {
    if (this.#isStopped || this.#pausedAtMs === undefined) return;
    this.#startedAtMs += this.#now() - this.#pausedAtMs; // The clock excludes the time for decisions.
    this.#pausedAtMs = undefined;
    this.#draw();
  }

  stop(): void {
    if (this.#isStopped) return;
    const hasList = this.#pausedAtMs === undefined && Number.isFinite(this.#drawnAtMs);
    this.#isStopped = true;
    this.#rest();
    if (hasList) this.#region.draw(this.#frame());
    this.#region.leave();
  }

  /** Draws now, or at the time of the next frame. Draws again for the clock. */
  #plan(): void {
    if (this.#isStopped || this.#pausedAtMs !== undefined || this.#timer !== undefined) return;
    const waitMs = this.#drawnAtMs + FRAME_MS - this.#now();
    if (waitMs <= 0) {
      this.#draw();
      return;
    }
    this.#timer = setTimeout(() => this.#draw(), waitMs);
    this.#timer.unref();
  }

  #draw(): void {
    this.#rest();
    this.#drawnAtMs = this.#now();
    this.#region.draw(this.#frame());
    this.#plan();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #frame(): string[] {
    const nowMs = this.#now();
    const { color, stream } = this.#options;
    const budgetUsd = this.#budgetUsd;
    const elapsedMs = nowMs - this.#startedAtMs;
    const isLive = !this.#isStopped;
    return renderFrame(this.#progress, { ...sizeOf(stream), color, nowMs, elapsedMs, budgetUsd, isLive });
  }
}
