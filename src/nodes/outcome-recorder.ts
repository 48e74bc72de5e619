import type { Outcome } from "../claude/outcome.ts";
import type { Recorded } from "../postgres/completions.ts";
import { type Execution, releaseOthers } from "../postgres/coordination.ts";
import type { AnsweredCall } from "../postgres/ledger.ts";
import { recordOutcome, type TaskOutcome } from "../postgres/outcomes.ts";
import type { ActiveThread } from "./runtime.ts";

/** Whose outcome is recorded: a task that this lane holds; it takes another one with it unless it is told to stop. */
interface Work {
  readonly thread: ActiveThread;
  readonly execution: Execution;
  readonly laneId: string;
  readonly taskId: string;
  readonly stop: AbortSignal;
  /** Whether the agent has tools: there may be processes to end after its answer. */
  mayLeaveProcesses(): boolean;
}

/** Records the outcome of one task, once: together with the call that brought it, or else when it is known. */
export class OutcomeRecorder {
  readonly #work: Work;
  #isTried = false;
  #end: { readonly recorded: Recorded | undefined } | undefined;

  constructor(work: Work) {
    this.#work = work;
  }

  /** The next task that was claimed with the outcome, if one was. */
  get claimed(): string[] {
    const next = this.#end?.recorded?.next;
    return next ? [next.id] : [];
  }

  async record(outcome: Outcome, call?: AnsweredCall): Promise<void> {
    const { thread, execution, laneId, taskId, stop } = this.#work;
    const { database, pace, slots, news } = thread;
    this.#isTried = true;
    // With a call its agent's processes are still to be ended: the next task is not for this lane yet.
    const isOver = call === undefined || !this.#work.mayLeaveProcesses();
    const goesOn = isOver && pace.isFree && !stop.aborted && !slots.hasWaiters(thread.id);
    const row = rowOf(outcome);
    const recorded = await recordOutcome(database, execution, taskId, laneId, row, goesOn, call);
    this.#end = { recorded };
    news.announce();
  }

  /**
   * Records the outcome if that was not done. Where it was tried it may have been done, and another task been claimed with
   * it, although the connection was lost before anybody was told.
   */
  async ensure(outcome: Outcome): Promise<Recorded | undefined> {
    const { thread, execution, laneId, taskId } = this.#work;
    if (!this.#end && this.#isTried) {
      await releaseOthers(thread.database, execution, taskId, laneId);
    }
    if (!this.#end) await this.record(outcome);
    return this.#end?.recorded;
  }
}

function rowOf(outcome: Outcome): TaskOutcome {
  const { status, model, attempts, escalated } = outcome;
  return {
    ...{ status, model, attempts, escalated },
    result: status === "completed" ? outcome.result : null,
    error: status === "completed" ? null : outcome.error,
    waitingFor: status === "waiting" ? outcome.waitingFor : null,
  };
}
