import type { Outcome } from "../attempts/outcome.ts";
import type { Recorded } from "../postgres/agent-coordination/completions.ts";
import { type Execution, releaseHeld } from "../postgres/agent-coordination/executions.ts";
import { recordOutcome, type TaskOutcome } from "../postgres/agent-coordination/outcomes.ts";
import type { AnsweredCall } from "../postgres/claude-calls/ledger.ts";
import type { ActiveThread } from "./runtime.ts";

/** A task and its lane. Recording the outcome also claims the lane's next task, unless `stop` is aborted. */
interface Work {
  readonly thread: ActiveThread;
  readonly execution: Execution;
  readonly laneId: string;
  readonly taskId: string;
  readonly stop: AbortSignal;
}

/** Records the outcome of one task, once: together with the call that completed it, or later. */
export class OutcomeRecorder {
  readonly #work: Work;
  #isTried = false;
  #end: { readonly recorded: Recorded | undefined } | undefined;

  constructor(work: Work) {
    this.#work = work;
  }

  /** @param options - a call to commit in the same statement, and whether the statement may claim the next task. */
  async record(
    outcome: Outcome,
    { call, mayGoOn = true }: { readonly call?: AnsweredCall; readonly mayGoOn?: boolean } = {},
  ): Promise<void> {
    const { thread, execution, laneId, taskId, stop } = this.#work;
    const { database } = thread;
    const { startLimiter, slots, changes } = thread.lanes;
    this.#isTried = true;
    const claimsNext = mayGoOn && startLimiter.isFree && !stop.aborted && !slots.hasWaiters(thread.id);
    const record = { taskId, laneId, outcome: rowOf(outcome), claimsNext, call };
    const recorded = await recordOutcome(database, execution, record);
    this.#end = { recorded };
    changes.announce();
  }

  /**
   * Records the outcome if `record` has not. After a failed `record` it first releases the lane's other tasks: the statement
   * may have claimed one although its result was lost with the connection.
   */
  async ensure(outcome: Outcome): Promise<Recorded | undefined> {
    const { thread, execution, laneId, taskId } = this.#work;
    if (!this.#end && this.#isTried) {
      await releaseHeld(thread.database, execution, laneId, taskId);
    }
    if (!this.#end) await this.record(outcome);
    return this.#end?.recorded;
  }
}

function rowOf(outcome: Outcome): TaskOutcome {
  const { status, model, attempts, escalated } = outcome;
  return {
    status,
    model,
    attempts,
    escalated,
    result: status === "completed" ? outcome.result : null,
    error: status === "completed" ? null : outcome.error,
    waitingFor: status === "waiting" ? outcome.waitingFor : null,
  };
}
