import type { AgentResult } from "../../domain/agent-result.ts";
import type { Ceiling } from "../../domain/budget.ts";
import { type AnsweredCall, commitCall } from "../claude-calls/ledger.ts";
import type { Database } from "../database.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb, toText } from "../storable.ts";
import { completions, type Recorded } from "./completions.ts";
import { claimStatement, type Execution, executionKey } from "./executions.ts";

/** The reason why a task waits for a human. */
export type WaitingFor = BudgetGap | ToolWait | { readonly kind: "failure"; readonly sentence: string };

/** The tool calls of one turn need a human's decision: the undecided rows of `tool_calls` with status `asked`. */
export interface ToolWait {
  readonly kind: "tool";
  readonly sentence: string;
  readonly attempt: number;
  readonly turn: number;
}

/** The next call does not fit under a ceiling. Amounts in USD; unknown for the Claude account. */
export interface BudgetGap {
  readonly kind: "budget";
  readonly ceiling: Ceiling;
  readonly sentence: string;
  readonly neededUsd: number;
  readonly spentUsd: number;
  readonly limitUsd: number;
}

/** The outcome of a task, from its lane or from a human's decision about a waiting task. */
export interface TaskOutcome {
  readonly status: "completed" | "failed" | "waiting";
  readonly result: AgentResult | null;
  readonly error: string | null;
  readonly waitingFor: WaitingFor | null;
  /** Null keeps the recorded model. */
  readonly model: string | null;
  readonly attempts: number;
  readonly escalated: boolean;
}

/** An outcome to record, and further changes in the same statement. */
export interface OutcomeRecord {
  readonly taskId: string;
  /** The lane that holds the task; null for a human's decision about a waiting task. */
  readonly laneId: string | null;
  readonly outcome: TaskOutcome;
  /** Whether the lane claims its next task. It claims none if the outcome made tasks ready: then use `claimTask`. */
  readonly claimsNext?: boolean;
  /** The call that completed the task. It is committed even when the outcome is not recorded. */
  readonly call?: AnsweredCall | undefined;
}

/**
 * Records a task's outcome and its consequences in one statement: a completed task removes one blocker from each dependant, a
 * failed task blocks all direct and indirect dependants. Dependants are locked in the order of their ids, so that two lanes
 * cannot deadlock.
 *
 * @returns the duration in ms by the database's clock, the cost, the number of changed dependants and the next task;
 *   undefined when the lane no longer holds the task: then no outcome was recorded.
 */
export async function recordOutcome(
  database: Database,
  execution: Execution,
  { taskId, laneId, outcome, claimsNext = false, call }: OutcomeRecord,
): Promise<Recorded | undefined> {
  if (outcome.status === "completed" && laneId !== null) {
    const { result, model, attempts, escalated } = outcome;
    const done = { task: taskId, lane: laneId, result, model, attempts, escalated };
    const completion = { ...done, claims: claimsNext, call };
    return (await completions.do(database, executionKey(execution), completion)) || undefined;
  }
  if (call) await commitCall(database, call);
  const held =
    laneId === null ? "$4::uuid IS NULL AND status = 'waiting'" : "claimed_by = $4 AND status = 'running'";
  const statement = {
    name: `record-${outcome.status}-${laneId !== null}-${claimsNext}`,
    text: `WITH RECURSIVE done AS (
       UPDATE agent_coordination
       SET status = $5, result = $6, emotional_state = $7, error = $8, model = coalesce($9, model), attempts = $10,
         escalated = $11, waiting_for = $12, cost_usd = ${COST}, ended_at = clock_timestamp(),
         "timestamp" = clock_timestamp()
       WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND ${held}
       RETURNING task_id, dependants, cost_usd, extract(epoch FROM ended_at - started_at) * 1000 AS ms
     ), ${CONSEQUENCES[outcome.status]}${claimsNext ? `, next AS (${claimStatement("$4", IS_AS_READY)})` : ""}
     SELECT coalesce(done.ms, 0)::float8 AS "ms", cost_usd::float8 AS "costUsd",
       (SELECT count(*)::int FROM touched) AS "touched",
       ${claimsNext ? "(SELECT to_json(next) FROM next)" : "NULL"} AS "next", false AS "nonePending" FROM done`,
    values: [
      execution.threadId,
      execution.executionId,
      taskId,
      laneId,
      outcome.status,
      outcome.result && toJsonb(outcome.result),
      outcome.result && toJsonb(outcome.result.emotionalState),
      toText(outcome.error),
      outcome.model,
      outcome.attempts,
      outcome.escalated,
      outcome.waitingFor && toJsonb(outcome.waitingFor),
    ],
  };
  const { rows } = await database.pool.query<Recorded>(onceOnly(statement));
  return rows[0];
}

/** The task's cost in this execution. Replays of calls from other executions cost nothing. */
const COST = `(SELECT coalesce(sum(c.cost_usd), 0) FROM claude_calls c
         WHERE c.thread_id = $1 AND c.phase = 'agents' AND c.task_id = $3 AND c.execution_id = $2)`;

/** The outcome was recorded and made no task ready: the statement could not see such a task. */
const IS_AS_READY = "EXISTS (SELECT FROM done) AND NOT EXISTS (SELECT FROM touched)";

const UNBLOCK = `dependants AS (
       SELECT a.id FROM agent_coordination a JOIN (SELECT unnest(dependants) AS name FROM done) n ON a.task_id = n.name
       WHERE a.session_id = $1 AND a.execution_id = $2 ORDER BY a.id FOR UPDATE OF a
     ), touched AS (
       UPDATE agent_coordination a SET blockers = a.blockers - 1 FROM dependants d WHERE a.id = d.id
       RETURNING a.id
     )`;

const BLOCK = `closure AS (
       SELECT unnest(dependants) AS name, task_id AS cause FROM done
       UNION
       SELECT unnest(a.dependants), c.cause FROM closure c JOIN agent_coordination a
         ON a.session_id = $1 AND a.execution_id = $2 AND a.task_id = c.name
     ), dependants AS (
       SELECT a.id, c.cause FROM agent_coordination a JOIN closure c ON a.task_id = c.name
       WHERE a.session_id = $1 AND a.execution_id = $2 ORDER BY a.id FOR UPDATE OF a
     ), touched AS (
       UPDATE agent_coordination a
       SET status = 'blocked', error = 'task "' || d.cause || '", which it depends on, failed',
         "timestamp" = clock_timestamp()
       FROM dependants d WHERE a.id = d.id AND a.status = 'pending'
       RETURNING a.id
     )`;

const CONSEQUENCES = {
  completed: UNBLOCK,
  failed: BLOCK,
  waiting: "touched AS (SELECT WHERE false)",
} as const;
