import type { AgentResult } from "../../domain/agent-result.ts";
import { Batches } from "../batches.ts";
import { ANSWERED, type AnsweredCall, answeredRow, COMMIT } from "../claude-calls/ledger.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb } from "../storable.ts";
import { CLAIM_READY, CLAIMED, type ClaimedTask, firstReady } from "./executions.ts";

/** A completed task. */
export interface Completion {
  readonly task: string;
  readonly lane: string;
  readonly result: AgentResult | null;
  readonly model: string | null;
  readonly attempts: number;
  readonly escalated: boolean;
  /** Whether the lane claims its next task in the same statement. */
  readonly claims: boolean;
  /** The call that completed the task, if it is to be committed in the same statement. */
  readonly call: AnsweredCall | undefined;
}

/** A recorded outcome. `costUsd` is the ledger's sum for the task in this execution. */
export interface Recorded {
  readonly ms: number;
  readonly costUsd: number;
  readonly touched: number;
  readonly next: ClaimedTask | null;
  /** True when the execution certainly has no pending task any more. */
  readonly nonePending: boolean;
}

/** Records completions of one execution in batches; false for a task that the lane no longer holds. */
export const completions = new Batches<Completion, Recorded | false>(async (database, key, items) => {
  const [threadId, executionId] = key.split(" ");
  const statement = {
    name: "complete-tasks",
    text: COMPLETE,
    values: [threadId, executionId, toJsonb(items.map(rowOf))],
  };
  const { rows } = await database.pool.query<Recorded & { place: number }>(onceOnly(statement));
  const recorded = new Map(rows.map(({ place, ...row }) => [place, row]));
  return items.map((_, place) => recorded.get(place) ?? false);
});

function rowOf({ call, ...item }: Completion, place: number) {
  return { ...item, place, call: call && answeredRow(call) };
}

/**
 * Commits calls even for tasks that the lane no longer holds. Each completed task removes one blocker from each of its
 * dependants, which are locked in the order of their ids. Lanes claim the first ready tasks, unless this statement itself
 * made tasks ready: it cannot see its own changes.
 */
const COMPLETE = `WITH ends AS (
    SELECT * FROM json_to_recordset($3) AS e (place int, task text, lane uuid, result jsonb, model text, attempts int,
      escalated boolean, claims boolean, call json)
  ), answered AS (
    SELECT a.*, e.task FROM ends e, json_to_record(e.call) AS ${ANSWERED} WHERE e.call IS NOT NULL
  ), ${COMMIT}, done AS (
    UPDATE agent_coordination a
    SET status = 'completed', result = nullif(e.result, 'null'), emotional_state = e.result->'emotionalState', error = NULL,
      model = coalesce(e.model, a.model), attempts = e.attempts, escalated = e.escalated, waiting_for = NULL,
      cost_usd = (SELECT coalesce(sum(c.cost_usd), 0) FROM claude_calls c
        WHERE c.thread_id = $1 AND c.phase = 'agents' AND c.task_id = e.task AND c.execution_id = $2
          AND c.id NOT IN (SELECT id FROM answered))
        + (SELECT coalesce(sum(w."costUsd"), 0) FROM answered w WHERE w.task = e.task),
      ended_at = clock_timestamp(), "timestamp" = clock_timestamp()
    FROM ends e
    WHERE a.session_id = $1 AND a.execution_id = $2 AND a.task_id = e.task AND a.claimed_by = e.lane AND a.status = 'running'
    RETURNING e.place, e.lane, e.claims, a.dependants, a.cost_usd, extract(epoch FROM a.ended_at - a.started_at) * 1000 AS ms
  ), freed AS (
    SELECT name, count(*)::int AS by FROM (SELECT unnest(dependants) AS name FROM done) names GROUP BY name
  ), dependants AS (
    SELECT a.id, freed.by FROM agent_coordination a JOIN freed ON a.task_id = freed.name
    WHERE a.session_id = $1 AND a.execution_id = $2 ORDER BY a.id FOR UPDATE OF a
  ), touched AS (
    UPDATE agent_coordination a SET blockers = a.blockers - d.by FROM dependants d WHERE a.id = d.id RETURNING a.id
  ), takers AS (
    SELECT place AS taker, lane AS taking, row_number() OVER (ORDER BY place) AS turn
    FROM done WHERE claims AND NOT EXISTS (SELECT FROM touched)
  ), ready AS (${firstReady("(SELECT count(*) FROM takers)")}
  ), next AS (
    ${CLAIM_READY}
    RETURNING taker, ${CLAIMED}
  )
  SELECT place, coalesce(ms, 0)::float8 AS "ms", cost_usd::float8 AS "costUsd",
    (SELECT count(*)::int FROM touched) AS "touched",
    (SELECT to_jsonb(next) - 'taker' FROM next WHERE taker = place) AS "next",
    claims AND NOT EXISTS (SELECT FROM next WHERE taker = place) AND NOT EXISTS (
      SELECT FROM agent_coordination a WHERE a.session_id = $1 AND a.execution_id = $2 AND a.status = 'pending'
    ) AS "nonePending"
  FROM done`;
