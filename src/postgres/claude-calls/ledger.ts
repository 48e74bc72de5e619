import type { Phase } from "../../domain/event.ts";
import type { Json } from "../../domain/json.ts";
import type { Usage } from "../../domain/usage.ts";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { toJsonb, toText } from "../storable.ts";

/** The key of a call in its thread. A response is replayed only for an equal key. */
export interface CallKey {
  readonly threadId: string;
  readonly phase: Phase;
  readonly taskId: string;
  readonly attempt: number;
  readonly turn: number;
  readonly requestHash: string;
}

/** A Claude call before it is sent. `reservedUsd` is the most it can cost. */
export interface CallReservation extends CallKey {
  /** The execution that the task belongs to; null for the calls of plan and synthesis. */
  readonly executionId: string | null;
  readonly agent: string;
  readonly model: string;
  readonly reservedUsd: number;
}

/** The columns of a reservation and their values, in order. */
export const RESERVATION_COLUMNS = `thread_id, phase, task_id, agent, attempt, turn, request_hash, model,
  reserved_usd, execution_id, status`;
export const RESERVATION_VALUES = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'reserved'";

export function reservationParameters(call: CallReservation): unknown[] {
  const { threadId, phase, taskId, agent, attempt, turn, requestHash, model, reservedUsd, executionId } =
    call;
  return [threadId, phase, taskId, agent, attempt, turn, requestHash, model, reservedUsd, executionId];
}

/** A paid response. `cacheWrite5m` has all tokens written to the cache, for every duration. */
export interface CommittedCall {
  readonly response: Json;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly requestId: string | null;
  /** The execution that paid for it. */
  readonly executionId: string | null;
}

/**
 * The paid response for this key, from this run, an earlier one, or before a fork. After a fork with `--fresh`, calls from
 * before the fork are not replayed.
 */
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

/** The response and the cost of a call. */
export interface CallSettlement {
  readonly usage: Usage;
  readonly costUsd: number;
  readonly response: Json;
  readonly requestId: string | null;
}

/** An answered call to commit; `id` is its reserved row. */
export interface AnsweredCall extends CallSettlement {
  readonly id: string;
}

/**
 * Commits usage, cost and response in the call's row, before the response is used for anything but judging. Also settles a
 * call that was set to `unknown` meanwhile. If a call costs more than its reservation, which should not happen, the whole
 * cost counts.
 */
export async function commitCall(database: Database, call: AnsweredCall): Promise<void> {
  await commits.do(database, "", call);
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

/** Commits all calls of `answered`; a part of a larger statement. */
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
 * Settles a call without a response. `failed`: the API refused it, so it cost nothing. `unknown`: it was cut off after it was
 * sent, so it may have been billed and counts at its reserved price.
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
 * Settles the reserved calls of a dead or disconnected process as `unknown`. The caller holds the thread's lock and has not
 * started work, so nobody waits for them.
 */
export async function settleOrphanedCalls(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE claude_calls SET status = 'unknown', cost_usd = reserved_usd, settled_at = clock_timestamp(),
       error = 'The process ended, or lost its database, while this call was under way.'
     WHERE thread_id = $1 AND status = 'reserved'`,
    [threadId],
  );
}

/** The paid output tokens of an attempt, over all executions. */
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
