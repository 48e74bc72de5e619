import type { Json } from "../../domain/json.ts";
import type { Usage } from "../../domain/usage.ts";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { anyError } from "../owed.ts";
import { toJsonb, toText } from "../storable.ts";
import type { CallPlace, Opening } from "./openings.ts";

/** The key of a call: its place in its own execution, and the hash of its request, which decides in other executions. */
export interface CallKey extends CallPlace {
  readonly requestHash: string;
}

/** A Claude call before it is sent. */
export interface CallReservation extends CallKey {
  readonly agent: string;
  readonly model: string;
  /** The most that it costs with the least room for an answer. */
  readonly reservedUsd: number;
  /** The most that it costs with all the room that it can use. Default: `reservedUsd`. */
  readonly mostUsd?: number;
  /** The most that it can have cost if its process dies before it records more. Default: all that is reserved. */
  readonly knownUsd?: number;
  /** How many calls share what is left of the thread's budget, this one included. Default: 1. */
  readonly sharers?: number;
  /** What it opens a conversation with; undefined for a later turn. */
  readonly opening?: Opening | undefined;
}

/** A paid response. `cacheWrite5m` has all tokens written to the cache, for every duration. */
export interface CommittedCall {
  readonly id: string;
  readonly response: Json;
  readonly usage: Usage;
  readonly costUsd: number;
  readonly requestId: string | null;
  /** The execution that paid for it. */
  readonly executionId: string | null;
}

/**
 * The recorded response to a call. In its own execution the call's place finds it, whatever would be sent now. In another
 * execution, which a fork makes, the same request must have been sent. A fork that buys everything again gets nothing from
 * before it.
 *
 * @param isPlaceKnown - false for requests of another program, whose turns are counted again when it shortens its
 *   conversation: then the same request must have been sent in its own execution, too.
 */
export async function replayCall(
  database: Database,
  key: CallKey,
  isPlaceKnown = true,
): Promise<CommittedCall | undefined> {
  const { threadId, phase, taskId, attempt, turn, requestHash, executionId } = key;
  const { rows } = await database.pool.query<CommittedCall>({
    name: "replay-call",
    text: `UPDATE claude_calls SET replays = replays + 1
     WHERE id = (
       SELECT id FROM claude_calls
       WHERE thread_id = $1 AND phase = $2 AND task_id = $3 AND attempt = $4 AND turn = $5 AND status = 'committed'
         AND (request_hash = $6 OR $8 AND execution_id IS NOT DISTINCT FROM $7)
         AND id > (SELECT replay_after FROM threads t WHERE t.thread_id = $1)
       ORDER BY execution_id IS NOT DISTINCT FROM $7 DESC, id LIMIT 1)
     RETURNING ${COMMITTED}`,
    values: [threadId, phase, taskId, attempt, turn, requestHash, executionId, isPlaceKnown],
  });
  return rows[0];
}

/** A turn of a recorded conversation. */
export interface RecordedTurn {
  readonly id: string;
  readonly turn: number;
}

/**
 * The committed turns of an attempt's conversation in one execution, in their order; without calls beside it, which have
 * turn 0, and without other conversations, which open at a later turn.
 */
export async function recordedTurns(
  database: Database,
  { threadId, executionId, taskId, attempt }: Omit<CallPlace, "phase" | "turn">,
): Promise<RecordedTurn[]> {
  const { rows } = await database.pool.query<RecordedTurn>(
    `SELECT id::text AS "id", turn FROM claude_calls
     WHERE thread_id = $1 AND phase = 'agents' AND execution_id = $2 AND task_id = $3 AND attempt = $4
       AND status = 'committed' AND (turn = 1 OR turn > 1 AND opening IS NULL)
       AND id > (SELECT replay_after FROM threads t WHERE t.thread_id = $1)
     ORDER BY claude_calls.id`,
    [threadId, executionId, taskId, attempt],
  );
  return rows;
}

/** The response of a recorded turn. */
export async function replayTurn(database: Database, { id }: RecordedTurn): Promise<CommittedCall> {
  const { rows } = await database.pool.query<CommittedCall>(
    `UPDATE claude_calls SET replays = replays + 1 WHERE id = $1 RETURNING ${COMMITTED}`,
    [id],
  );
  const [call] = rows;
  if (!call) throw new Error(`Call ${id} is no longer recorded.`);
  return call;
}

const COMMITTED = `id::text AS "id", response, request_id AS "requestId", cost_usd::float8 AS "costUsd",
       execution_id AS "executionId",
       json_build_object('input', input_tokens, 'output', output_tokens, 'cacheRead', cache_read_tokens,
         'cacheWrite5m', cache_write_tokens, 'cacheWrite1h', 0) AS "usage"`;

/** The response and the cost of a call. */
export interface CallSettlement {
  readonly usage: Usage;
  readonly costUsd: number;
  /** False when the server did not send the usage, so that the cost is an assumption; default: true. */
  readonly isCostKnown?: boolean;
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
 * cost counts. In a run, retries a failed commit after any error until the run is stopped; then the call stays reserved.
 */
export async function commitCall(database: Database, call: AnsweredCall): Promise<void> {
  await database.hold(() => commits.do(database, "", call), { waitsFor: anyError });
}

const commits = new Batches<AnsweredCall, true>(async (database, _key, calls) => {
  await database.pool.query({
    name: "commit-calls",
    text: `WITH answered AS (SELECT * FROM json_to_recordset($1) AS ${ANSWERED}), ${COMMIT} SELECT`,
    values: [toJsonb(calls.map(answeredRow))],
  });
  return calls.map(() => true);
});

/** An answered call as the columns of `ANSWERED`. */
export function answeredRow(call: AnsweredCall): Json {
  const { id, costUsd, isCostKnown = true, usage, response, requestId } = call;
  return {
    id,
    costUsd,
    isCostKnown,
    response,
    requestId,
    input: usage.input,
    output: usage.output,
    cacheRead: usage.cacheRead,
    cacheWrite: usage.cacheWrite5m + usage.cacheWrite1h,
  };
}

export const ANSWERED = `a (id bigint, "costUsd" numeric, input int, output int, "cacheRead" int, "cacheWrite" int,
  response json, "requestId" text, "isCostKnown" boolean)`;

/** Commits all calls of `answered`; a part of a larger statement. */
export const COMMIT = `committed AS (
    UPDATE claude_calls c SET status = 'committed', settled_at = clock_timestamp(), cost_usd = a."costUsd", error = NULL,
      is_cost_known = a."isCostKnown", input_tokens = a.input, output_tokens = a.output, cache_read_tokens = a."cacheRead",
      cache_write_tokens = a."cacheWrite", response = a.response, request_id = a."requestId"
    FROM answered a WHERE c.id = a.id RETURNING c.thread_id, c.cost_usd - c.reserved_usd AS excess
  ), exceeded AS (
    UPDATE threads t SET promised_usd = promised_usd + excess
    FROM (SELECT thread_id, sum(excess) AS excess FROM committed WHERE excess > 0 GROUP BY thread_id) over
    WHERE t.thread_id = over.thread_id
  )`;

/**
 * Settles a call without a response. `failed`: the API refused it, so it cost nothing. `unknown`: it was cut off after it was
 * sent, so it may have been billed.
 *
 * @param knownUsd - the most that an `unknown` call can have cost, by what had arrived. Default: what was recorded while it
 *   ran, else its reserved price, which is also the limit.
 */
export async function failCall(
  database: Database,
  id: string,
  status: "failed" | "unknown",
  error: string,
  knownUsd?: number,
): Promise<void> {
  await database.pool.query(
    `UPDATE claude_calls SET status = $2, error = $3, settled_at = clock_timestamp(), is_cost_known = $2 <> 'unknown',
       cost_usd = CASE WHEN $2 = 'unknown' THEN least(reserved_usd, coalesce($4, known_usd, reserved_usd)) ELSE 0 END
     WHERE id = $1 AND status = 'reserved'`,
    [id, status, toText(error), knownUsd],
  );
}

/**
 * SQL that settles the reserved calls of a thread, an SQL expression, as `unknown`: at what was recorded while they ran, else at
 * their reserved prices. Only for a thread on which nobody works: nobody waits for these calls any more.
 */
export const settleOrphans = (thread: string): string => `UPDATE claude_calls
     SET status = 'unknown', settled_at = clock_timestamp(), is_cost_known = false,
       cost_usd = least(reserved_usd, coalesce(known_usd, reserved_usd)),
       error = 'The process ended, or lost its database, while this call was under way.'
     WHERE thread_id = ${thread} AND status = 'reserved'`;

/** Settles the calls of a dead or disconnected process. The caller holds the thread's lock and has not started work. */
export async function settleOrphanedCalls(database: Database, threadId: string): Promise<void> {
  await database.pool.query(settleOrphans("$1"), [threadId]);
}

/** The paid output tokens of an attempt, over all executions. */
export async function attemptTokens(
  database: Database,
  { threadId, taskId, attempt }: Pick<CallKey, "threadId" | "taskId" | "attempt">,
): Promise<number> {
  const { rows } = await database.pool.query<{ tokens: number }>(
    `SELECT coalesce(sum(output_tokens), 0)::float8 AS "tokens" FROM claude_calls
     WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2 AND attempt = $3 AND status = 'committed'`,
    [threadId, taskId, attempt],
  );
  return rows[0]?.tokens ?? 0;
}
