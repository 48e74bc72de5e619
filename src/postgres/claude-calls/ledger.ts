import type { Phase } from "../../domain/event.ts";
import type { Json } from "../../domain/json.ts";
import type { Usage } from "../../domain/usage.ts";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { anyError } from "../owed.ts";
import { toJsonb, toText } from "../storable.ts";

/** Which call of a thread this is. A response is replayed only to the same call with the same request. */
export interface CallKey {
  readonly threadId: string;
  readonly phase: Phase;
  readonly taskId: string;
  readonly attempt: number;
  readonly turn: number;
  readonly requestHash: string;
}

/** A Claude call about to be sent. `reservedUsd` is the most it can cost. */
export interface CallReservation extends CallKey {
  /** The execution that the task belongs to; null for the calls of plan and synthesis. */
  readonly executionId: string | null;
  readonly agent: string;
  readonly model: string;
  readonly reservedUsd: number;
}

/** Columns of a reservation and their values in order, as all statements which write one have them. */
export const RESERVATION_COLUMNS = `thread_id, phase, task_id, agent, attempt, turn, request_hash, model,
  reserved_usd, execution_id, status`;
export const RESERVATION_VALUES = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'reserved'";

export function reservationParameters(call: CallReservation): unknown[] {
  const { threadId, phase, taskId, agent, attempt, turn, requestHash, model, reservedUsd, executionId } =
    call;
  return [threadId, phase, taskId, agent, attempt, turn, requestHash, model, reservedUsd, executionId];
}

/** A response that was paid for. `cacheWrite5m` holds all that was written to the cache, for whatever time. */
export interface CommittedCall {
  readonly response: Json;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly requestId: string | null;
  /** The execution that paid for it. */
  readonly executionId: string | null;
}

/** The response to this very call if it was paid for before, by this run, one before it, or a fork's origin. A fork that is
 * bought anew is not answered with what was paid for before it. */
export async function replayCall(database: Database, key: CallKey): Promise<CommittedCall | undefined> {
  const { rows } = await database.pool.query<CommittedCall>({
    name: "replay-call",
    text: `UPDATE claude_calls SET replays = replays + 1
     WHERE id = (
       SELECT id FROM claude_calls
       WHERE thread_id = $1 AND phase = $2 AND task_id = $3 AND attempt = $4 AND turn = $5
         AND request_hash = $6 AND status = 'committed'
         AND id > (SELECT replay_after FROM threads t WHERE t.thread_id = $1) ORDER BY id LIMIT 1)
     RETURNING response, request_id AS "requestId", cost_usd::float8 AS "costUsd", execution_id AS "executionId",
       json_build_object('input', input_tokens, 'output', output_tokens, 'cacheRead', cache_read_tokens,
         'cacheWrite5m', cache_write_tokens, 'cacheWrite1h', 0) AS "usage"`,
    values: [key.threadId, key.phase, key.taskId, key.attempt, key.turn, key.requestHash],
  });
  return rows[0];
}

/** What a call brought and cost. */
export interface CallSettlement {
  readonly usage: Usage;
  readonly costUsd: number;
  readonly response: Json;
  readonly requestId: string | null;
}

/** An answered call: the row that was reserved for it, and what is to be committed there. */
export interface AnsweredCall extends CallSettlement {
  readonly id: string;
}

/**
 * Commits usage, cost and response in one row, before anything but judging is done with the response. A call that was given
 * up as `unknown` meanwhile is settled by this. One that cost more than was reserved for it, which no server should
 * do, is counted whole. In a run a commit that fails is held and tried again, whatever the reason, until the run is stopped:
 * then the call stays reserved.
 */
export async function commitCall(database: Database, call: AnsweredCall): Promise<void> {
  await database.hold(() => commits.do(database, "", call), { waitsFor: anyError });
}

const commits = new Batches<AnsweredCall, true>(async (database, _key, calls) => {
  await database.pool.query({
    name: "commit-calls",
    text: `WITH answered AS (SELECT * FROM jsonb_to_recordset($1) AS ${ANSWERED}), ${COMMIT} SELECT`,
    values: [toJsonb(calls.map(answeredRow))],
  });
  return calls.map(() => true);
});

/** An answered call as the columns of `ANSWERED`. */
export function answeredRow({ id, costUsd, usage, response, requestId }: AnsweredCall): Json {
  return {
    id,
    costUsd,
    response,
    requestId,
    input: usage.input,
    output: usage.output,
    cacheRead: usage.cacheRead,
    cacheWrite: usage.cacheWrite5m + usage.cacheWrite1h,
  };
}

export const ANSWERED = `a (id bigint, "costUsd" numeric, input int, output int, "cacheRead" int, "cacheWrite" int,
  response jsonb, "requestId" text)`;

/** Commits all calls of `answered`, wherever in a statement this stands. */
export const COMMIT = `committed AS (
    UPDATE claude_calls c SET status = 'committed', settled_at = clock_timestamp(), cost_usd = a."costUsd", error = NULL,
      input_tokens = a.input, output_tokens = a.output, cache_read_tokens = a."cacheRead",
      cache_write_tokens = a."cacheWrite", response = a.response, request_id = a."requestId"
    FROM answered a WHERE c.id = a.id RETURNING c.thread_id, c.cost_usd - c.reserved_usd AS excess
  ), exceeded AS (
    UPDATE threads t SET promised_usd = promised_usd + excess
    FROM (SELECT thread_id, sum(excess) AS excess FROM committed WHERE excess > 0 GROUP BY thread_id) over
    WHERE t.thread_id = over.thread_id
  )`;

/**
 * Settles a call that brought no response. `failed`: the API refused it, so it cost nothing. `unknown`: it was
 * cut off after it was sent, so it may have been billed and counts at its reserved price.
 */
export async function failCall(
  database: Database,
  id: string,
  status: "failed" | "unknown",
  error: string,
): Promise<void> {
  await database.pool.query(
    `UPDATE claude_calls SET status = $2, error = $3, settled_at = clock_timestamp(),
       cost_usd = CASE WHEN $2 = 'unknown' THEN reserved_usd ELSE 0 END
     WHERE id = $1 AND status = 'reserved'`,
    [id, status, toText(error)],
  );
}

/**
 * Settles as `unknown` the calls which a process that died, or lost its database, left under way. The caller holds the
 * thread's lock and has not begun yet, so nobody waits for them.
 */
export async function settleOrphanedCalls(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE claude_calls SET status = 'unknown', cost_usd = reserved_usd, settled_at = clock_timestamp(),
       error = 'The process ended, or lost its database, while this call was under way.'
     WHERE thread_id = $1 AND status = 'reserved'`,
    [threadId],
  );
}

/** Output tokens that were bought for an attempt at a task, by all executions of it. */
export async function attemptTokens(
  database: Database,
  { threadId, taskId, attempt }: Pick<CallKey, "threadId" | "taskId" | "attempt">,
): Promise<number> {
  const { rows } = await database.pool.query<{ tokens: number }>(
    `SELECT coalesce(sum(output_tokens), 0)::int AS "tokens" FROM claude_calls
     WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2 AND attempt = $3 AND status = 'committed'`,
    [threadId, taskId, attempt],
  );
  return rows[0]?.tokens ?? 0;
}
