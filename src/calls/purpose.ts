import type { Phase } from "../domain/event.ts";
import type { Model } from "../domain/model.ts";
import type { AnsweredCall } from "../postgres/claude-calls/ledger.ts";
import type { Ceilings } from "../postgres/claude-calls/reserve.ts";
import type { Database } from "../postgres/database.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import type { Service } from "./service.ts";
import type { OpeningContent, TurnResponse } from "./transport.ts";

/** What the calls of one thread need in addition to the request: the service, the ledger and the limits. */
export interface Claude {
  readonly service: Service;
  readonly database: Database;
  /** The most output tokens of one call, including thinking, if the settings limit them. */
  readonly maxTokens: number | undefined;
  /** Ceilings in addition to the thread's budget. */
  readonly ceilings: Ceilings;
  /** The current calls of this thread in this process. */
  readonly underWay: CallsUnderWay;
  /** Aborted when no new call may be sent. Current calls still finish. */
  readonly draining: AbortSignal;
  /** The agent that started this process, if any: then no agent may start. */
  readonly insideAgent: string | undefined;
}

/** A conversation's opening, and the model that it is held with. */
export interface Opened {
  readonly content: OpeningContent;
  readonly model: Model;
}

/** The task or phase that a turn is bought for. */
export interface TurnPurpose {
  readonly threadId: string;
  readonly phase: Phase;
  /** The task's id in the agents phase; otherwise the phase's name. */
  readonly taskId: string;
  /** The execution that the task belongs to, or the run of the node that plans or synthesizes. */
  readonly executionId: string | null;
  readonly agent: string;
  readonly model: Model;
  readonly attempt: number;
  readonly turn: number;
  /** The room that the answer needs, in output tokens, if that is known. */
  readonly wantedTokens?: number | undefined;
  /** The task's own ceiling, if it differs from the thread's options. */
  readonly taskBudgetUsd?: number | undefined;
  /** False when certainly nothing is recorded of this task. */
  readonly mayReplay?: boolean;
  /** What another program's first turn opens its conversation with; one of ours is in the request itself. */
  readonly opening?: Opened | undefined;
  readonly signal: AbortSignal;
  /** Commits an answered call together with something else. The call must be committed when this returns. */
  readonly commit?: ((call: AnsweredCall, response: TurnResponse) => Promise<void>) | undefined;
  readonly onText?: (text: string) => void;
  /** Called with one sentence for each retry. */
  readonly onNote?: (note: string) => void;
}

/** A turn that was paid, now or earlier, and is in the ledger. */
export interface PaidTurn {
  readonly response: TurnResponse;
  /** Its cost now: 0 for a replay. */
  readonly costUsd: number;
  /** Its row in the ledger. */
  readonly callId: string;
}
