import type { Phase } from "../domain/event.ts";
import type { Model } from "../domain/model.ts";
import type { AnsweredCall } from "../postgres/claude-calls/ledger.ts";
import type { Ceilings } from "../postgres/claude-calls/reserve.ts";
import type { Database } from "../postgres/database.ts";
import type { CallsUnderWay } from "./calls-under-way.ts";
import type { Service } from "./service.ts";
import type { TurnResponse } from "./transport.ts";

/** What the calls of one thread need besides the request: who answers, where the ledger is, what is allowed. */
export interface Claude {
  readonly service: Service;
  readonly database: Database;
  /** Output tokens of one call at most, thinking included. */
  readonly maxTokens: number;
  /** What bounds spending besides the thread's budget. */
  readonly ceilings: Ceilings;
  /** The calls of this thread that are under way here. */
  readonly underWay: CallsUnderWay;
  /** Aborted when nothing new may be sent; what is under way is still waited for. */
  readonly draining: AbortSignal;
  /** The agent that started this process, if one did: then no agent may be started. */
  readonly insideAgent: string | undefined;
}

/** On whose behalf a turn is bought. */
export interface TurnPurpose {
  readonly threadId: string;
  readonly phase: Phase;
  /** The task's id in the agents phase; the phase's own name elsewhere. */
  readonly taskId: string;
  /** The execution that the task belongs to; null elsewhere. */
  readonly executionId: string | null;
  readonly agent: string;
  readonly model: Model;
  readonly attempt: number;
  readonly turn: number;
  /** The task's own ceiling where it differs from the thread's options. */
  readonly taskBudgetUsd?: number | undefined;
  /** False when it is known that the journal has nothing for this task. */
  readonly mayReplay?: boolean;
  readonly signal: AbortSignal;
  /** How an answered call is committed, if not by itself. It must be when this returns. */
  readonly commit?: ((call: AnsweredCall, response: TurnResponse) => Promise<void>) | undefined;
  readonly onText?: (text: string) => void;
  /** Told of each try that has to wait, in one sentence. */
  readonly onNote?: (note: string) => void;
}

/** A turn that was paid for, now or before, and is in the ledger. */
export interface PaidTurn {
  readonly response: TurnResponse;
  /** What it cost now: nothing when it was replayed. */
  readonly costUsd: number;
}
