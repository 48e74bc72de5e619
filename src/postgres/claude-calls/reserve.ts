import type { PoolClient } from "pg";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb } from "../storable.ts";
import { type Ceilings, type Full, shareOf, sumsUnder } from "./ceilings.ts";
import type { CallReservation } from "./ledger.ts";
import { openingRow, type RecordedText } from "./openings.ts";

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
       attempt int, turn int, "requestHash" text, model text, "reservedUsd" numeric, "knownUsd" numeric, sharers int, "executionId" text, opening jsonb)`;

const KEEP_TEXTS = `texts AS (
       INSERT INTO request_texts (thread_id, hash, body)
       SELECT thread_id, hash, body FROM jsonb_to_recordset($3) AS t (hash text, body text), thread
       ORDER BY hash ON CONFLICT DO NOTHING
     )`;

const INSERT_CALLS = `INSERT INTO claude_calls (thread_id, phase, task_id, agent, attempt, turn, request_hash, model,
       reserved_usd, known_usd, execution_id, opening, status)
     SELECT thread_id, phase, "taskId", agent, attempt, turn, "requestHash", model, "reservedUsd", "knownUsd", "executionId",
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
  const { threadId } = call;
  const sums = await sumsUnder(client, call, { threadUsd: budget, taskUsd, dayUsd });
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
