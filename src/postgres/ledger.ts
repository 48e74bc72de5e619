import type { Json } from "../core/json.ts";
import type { Phase } from "../core/progress.ts";
import type { Usage } from "../core/usage.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** A Claude call about to be sent. `reservedUsd` is the most it can cost. */
export interface CallReservation {
  readonly threadId: string;
  readonly phase: Phase;
  readonly taskId: string;
  readonly agent: string;
  readonly attempt: number;
  readonly turn: number;
  readonly requestHash: string;
  readonly model: string;
  readonly reservedUsd: number;
}

/** Writes the call's row before the request is sent, and returns the row's id. */
export async function reserveCall(database: Database, call: CallReservation): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>({
    name: "reserve-call",
    text: `INSERT INTO claude_calls
       (thread_id, phase, task_id, agent, attempt, turn, request_hash, model, reserved_usd, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'reserved') RETURNING id`,
    values: [
      call.threadId,
      call.phase,
      call.taskId,
      call.agent,
      call.attempt,
      call.turn,
      call.requestHash,
      call.model,
      call.reservedUsd,
    ],
  });
  const row = rows[0];
  if (!row) throw new Error("The ledger did not return the id of a reserved call.");
  return row.id;
}

/** What a call brought and cost. */
export interface CallSettlement {
  readonly usage: Usage;
  readonly costUsd: number;
  readonly response: Json;
  readonly requestId: string | null;
}

/** Commits usage, cost and response in one row, before anything else is done with the response. */
export async function commitCall(database: Database, id: string, call: CallSettlement): Promise<void> {
  await database.pool.query({
    name: "commit-call",
    text: `UPDATE claude_calls SET status = 'committed', settled_at = clock_timestamp(), cost_usd = $2,
       input_tokens = $3, output_tokens = $4, cache_read_tokens = $5, cache_write_tokens = $6,
       response = $7, request_id = $8
     WHERE id = $1`,
    values: [
      id,
      call.costUsd,
      call.usage.input,
      call.usage.output,
      call.usage.cacheRead,
      call.usage.cacheWrite5m + call.usage.cacheWrite1h,
      toJsonb(call.response),
      call.requestId,
    ],
  });
}

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
     WHERE id = $1`,
    [id, status, toText(error)],
  );
}
