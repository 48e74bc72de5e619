import type { PoolClient } from "pg";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb } from "../storable.ts";
import type { CallReservation } from "./ledger.ts";
import { openingRow, type RecordedText } from "./openings.ts";

/** The optional ceilings, besides the budget in the thread's row. */
export interface Ceilings {
  /** For all calls of one task in one execution. */
  readonly taskUsd?: number | undefined;
  /** For all threads together in one day (UTC). */
  readonly dayUsd?: number | undefined;
}

/** A ceiling that a call would exceed, and its state. */
export interface Full {
  readonly ceiling: "thread" | "task" | "day";
  readonly limitUsd: number;
  /** The cost of settled calls; `unknown` ones count at their reserved price. */
  readonly spentUsd: number;
  /** The reserved prices of the calls under way. */
  readonly inFlightUsd: number;
}

/** A reserved call: its row, and what is reserved for it. */
export interface Reserved {
  readonly id: string;
  readonly reservedUsd: number;
}

/** A reserved call, or the ceiling that it would exceed. */
export type Reservation = Reserved | { readonly full: Full };

/**
 * Reserves a call before it is sent: inserts its row if its worst case, all spending and all calls under way fit under every
 * ceiling. Reserves as much as the call can use, if every call that shares the budget could have as much; otherwise its
 * share of what is left, but never less than the least. Uses one statement when the thread's budget is the only ceiling and
 * there is plenty of it.
 */
export async function reserveCall(
  database: Database,
  call: CallReservation,
  ceilings: Ceilings = {},
): Promise<Reservation> {
  const reserve = async (): Promise<Reservation> => {
    if (ceilings.taskUsd === undefined && ceilings.dayUsd === undefined) {
      const id = await reservations.do(database, call.threadId, call);
      if (id !== null) return { id, reservedUsd: mostUsdOf(call) };
    }
    return exactReservations.do(database, call.threadId, { call, ceilings });
  };
  return database.hold(reserve, { undo: () => forgetUnsent(database, call) });
}

function mostUsdOf({ mostUsd, reservedUsd }: CallReservation): number {
  return mostUsd ?? reservedUsd;
}

/** A reservation that was lost with its connection may have been made: nothing was sent for it. */
async function forgetUnsent(database: Database, call: CallReservation): Promise<void> {
  const { threadId, phase, taskId, attempt, turn, requestHash } = call;
  await database.pool.query(
    `UPDATE claude_calls SET status = 'failed', cost_usd = 0, settled_at = clock_timestamp(),
       error = 'The connection to Postgres was lost before it was sent.'
     WHERE thread_id = $1 AND phase = $2 AND task_id = $3 AND attempt = $4 AND turn = $5 AND request_hash = $6
       AND status = 'reserved'`,
    [threadId, phase, taskId, attempt, turn, requestHash],
  );
}

/** A reservation locks the thread's row: without batches, parallel ones would wait for each other's commit. */
const reservations = new Batches<CallReservation, string | null>(reserveTogether);

/** @returns the rows' ids; null for all of them when they do not fit together. */
async function reserveTogether(
  database: Database,
  threadId: string,
  calls: readonly CallReservation[],
): Promise<(string | null)[]> {
  const statement = {
    name: "reserve-calls",
    text: `WITH calls AS (${GIVEN_CALLS}), thread AS (
       UPDATE threads SET promised_usd = promised_usd + needed
       FROM (SELECT sum("reservedUsd") AS needed, max("reservedUsd" * sharers) AS shared FROM calls) sums
       WHERE thread_id = $1 AND promised_usd + greatest(needed, shared) <= budget_usd RETURNING thread_id
     ), ${KEEP_TEXTS}
     ${INSERT_CALLS}`,
    values: parametersOf(
      threadId,
      calls.map((call) => ({ ...call, reservedUsd: mostUsdOf(call) })),
    ),
  };
  const { rows } = await database.pool.query<{ id: string }>(onceOnly(statement));
  // Rows are inserted in the calls' order, so their ids ascend in that order.
  const ids = rows.map(({ id }) => id).sort((one, other) => Number(BigInt(one) - BigInt(other)));
  return calls.map((_, index) => ids[index] ?? null);
}

const GIVEN_CALLS = `SELECT * FROM jsonb_to_recordset($2) AS c ("position" int, phase text, "taskId" text, agent text,
       attempt int, turn int, "requestHash" text, model text, "reservedUsd" numeric, sharers int, "executionId" text, opening jsonb)`;

const KEEP_TEXTS = `texts AS (
       INSERT INTO request_texts (thread_id, hash, body)
       SELECT thread_id, hash, body FROM jsonb_to_recordset($3) AS t (hash text, body text), thread
       ORDER BY hash ON CONFLICT DO NOTHING
     )`;

const INSERT_CALLS = `INSERT INTO claude_calls (thread_id, phase, task_id, agent, attempt, turn, request_hash, model,
       reserved_usd, execution_id, opening, status)
     SELECT thread_id, phase, "taskId", agent, attempt, turn, "requestHash", model, "reservedUsd", "executionId",
       opening, 'reserved'
     FROM calls, thread ORDER BY "position" RETURNING id`;

/** The thread, its calls, and the texts of the conversations that they open. */
function parametersOf(threadId: string, calls: readonly CallReservation[]): unknown[] {
  const texts = new Map<string, RecordedText>();
  const rows = calls.map(({ opening, sharers = 1, ...call }, position) => {
    if (!opening) return { ...call, sharers, position };
    const row = openingRow(opening);
    for (const text of row.texts) texts.set(text.hash, text);
    return { ...call, sharers, position, opening: row.names };
  });
  return [threadId, toJsonb(rows), toJsonb([...texts.values()])];
}

interface CallUnderCeilings {
  readonly call: CallReservation;
  readonly ceilings: Ceilings;
}

/** Calls that would wait for each other on connections of their own share one. */
const exactReservations = new Batches<CallUnderCeilings, Reservation>(reserveExactly);

/**
 * Reserves by the sum of the ledger, one call after another. Slower, but frees what settled calls did not use of their
 * reservations.
 */
async function reserveExactly(
  database: Database,
  _threadId: string,
  calls: readonly CallUnderCeilings[],
): Promise<Reservation[]> {
  const client = await database.pool.connect();
  try {
    await client.query("BEGIN");
    const reservations: Reservation[] = [];
    for (const { call, ceilings } of calls) {
      // Those before it in the batch have their shares.
      const sharers = Math.max(1, (call.sharers ?? 1) - reservations.length);
      reservations.push(await addUpAndReserve(client, { ...call, sharers }, ceilings));
    }
    await client.query("COMMIT");
    client.release();
    return reservations;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function addUpAndReserve(
  client: PoolClient,
  call: CallReservation,
  { taskUsd, dayUsd }: Ceilings,
): Promise<Reservation> {
  if (dayUsd !== undefined) {
    await client.query(
      "SELECT pg_advisory_xact_lock(hashtextextended('decurion:' || current_schema() || ':day', 0))",
    );
  }
  // Each reservation of this thread holds this lock until its commit, so the next statements see all of them.
  const { rows } = await client.query<{ budget: number }>(
    `SELECT budget_usd::float8 AS "budget" FROM threads WHERE thread_id = $1 FOR NO KEY UPDATE`,
    [call.threadId],
  );
  const budget = rows[0]?.budget;
  if (budget === undefined) throw new Error(`There is no thread ${call.threadId} to reserve a call for.`);
  const { threadId, phase, taskId, executionId } = call;
  const limits: readonly Limit[] = [
    { ceiling: "thread", limitUsd: budget, where: "thread_id = $1", values: [threadId] },
    { ceiling: "task", limitUsd: taskUsd, where: TASK, values: [threadId, phase, taskId, executionId] },
    { ceiling: "day", limitUsd: dayUsd, where: TODAY, values: [] },
  ];
  const sums = [];
  for (const limit of limits) {
    if (limit.limitUsd !== undefined) sums.push(await addUp(client, limit, limit.limitUsd, call.reservedUsd));
  }
  const full = sums.find((sum) => !sum.fitsAlone) ?? sums.find((sum) => !sum.fits);
  const reservedUsd = shareOf(
    call,
    sums.map(({ state }) => state),
  );
  await client.query(
    `UPDATE threads SET promised_usd = $2 + (
       SELECT coalesce(sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END), 0)
       FROM claude_calls WHERE thread_id = $1) WHERE thread_id = $1`,
    [threadId, full ? 0 : reservedUsd],
  );
  if (full) return { full: full.state };
  const inserted = await client.query<{ id: string }>(
    `WITH calls AS (${GIVEN_CALLS}), thread AS (SELECT $1::uuid AS thread_id), ${KEEP_TEXTS} ${INSERT_CALLS}`,
    parametersOf(threadId, [{ ...call, reservedUsd }]),
  );
  const row = inserted.rows[0];
  if (!row) throw new Error("The ledger did not return the id of a reserved call.");
  return { id: row.id, reservedUsd };
}

/** Floating-point sums stay below the exact ones. */
const ALMOST = 1 - 1e-9;

/** What is reserved for a call that fits. Calls of one task follow each other, so they do not share its ceiling. */
function shareOf(call: CallReservation, limits: readonly Full[]): number {
  const { reservedUsd, sharers = 1 } = call;
  const shares = limits.map(({ ceiling, limitUsd, spentUsd, inFlightUsd }) => {
    const leftUsd = (limitUsd - spentUsd - inFlightUsd) * ALMOST;
    return ceiling === "task" ? leftUsd : leftUsd / sharers;
  });
  return Math.max(reservedUsd, Math.min(mostUsdOf(call), ...shares));
}

interface Limit {
  readonly ceiling: Full["ceiling"];
  readonly limitUsd: number | undefined;
  readonly where: string;
  readonly values: readonly unknown[];
}

const TASK = "thread_id = $1 AND phase = $2 AND task_id = $3 AND execution_id IS NOT DISTINCT FROM $4::text";
const TODAY = "reserved_at >= date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'";

/** @returns a ceiling's state, and whether the call fits: now, and without the calls under way. */
async function addUp(
  client: PoolClient,
  { ceiling, where, values }: Limit,
  limitUsd: number,
  neededUsd: number,
): Promise<{ state: Full; fits: boolean; fitsAlone: boolean }> {
  const needed = `$${values.length + 1}::numeric`;
  const limit = `$${values.length + 2}::numeric`;
  const { rows } = await client.query<{
    spentUsd: number;
    inFlightUsd: number;
    fits: boolean;
    fitsAlone: boolean;
  }>(
    `SELECT spent::float8 AS "spentUsd", in_flight::float8 AS "inFlightUsd",
       spent + in_flight + ${needed} <= ${limit} AS "fits", spent + ${needed} <= ${limit} AS "fitsAlone"
     FROM (SELECT coalesce(sum(cost_usd), 0) AS spent,
         coalesce(sum(reserved_usd) FILTER (WHERE status = 'reserved'), 0) AS in_flight
       FROM claude_calls WHERE ${where}) sums`,
    [...values, neededUsd, limitUsd],
  );
  const { spentUsd = 0, inFlightUsd = 0, fits = false, fitsAlone = false } = rows[0] ?? {};
  return { state: { ceiling, limitUsd, spentUsd, inFlightUsd }, fits, fitsAlone };
}
