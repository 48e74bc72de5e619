import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { neverHeld } from "../held-database.ts";
import { toJsonb } from "../storable.ts";

/** What a call under way can have cost at most by now. */
export interface KnownCost {
  readonly id: string;
  readonly knownUsd: number;
}

/** Records what calls under way can have cost by now, for the case that this process dies. Settled calls stay as they are. */
export async function recordKnownCost(database: Database, cost: KnownCost): Promise<void> {
  await records.do(database, "", cost);
}

const records = new Batches<KnownCost, true>(async (database, _key, costs) => {
  const statement = neverHeld({
    name: "record-known-costs",
    // It never waits for a row that is being settled: then it is of no use, and a deadlock would harm the other statement.
    text: `UPDATE claude_calls c SET known_usd = k."knownUsd" FROM (
       SELECT c.id, "knownUsd" FROM jsonb_to_recordset($1) AS k (id bigint, "knownUsd" numeric)
       JOIN claude_calls c USING (id) WHERE c.status = 'reserved' FOR UPDATE OF c SKIP LOCKED
     ) k WHERE c.id = k.id`,
    values: [toJsonb(costs)],
  });
  await database.pool.query(statement);
  return costs.map(() => true);
});

/** A settled call whose cost is an assumption. */
export interface UnknownCost {
  readonly id: string;
  readonly agent: string;
  readonly taskId: string;
  readonly model: string;
  readonly costUsd: number;
  readonly reservedUsd: number;
  readonly startedAt: string;
  readonly error: string | null;
}

/** A thread's calls whose costs are assumptions, oldest first. */
export async function unknownCosts(database: Database, threadId: string): Promise<UnknownCost[]> {
  const { rows } = await database.pool.query<UnknownCost>(
    `SELECT id::text AS "id", agent, task_id AS "taskId", model, cost_usd::float8 AS "costUsd",
       reserved_usd::float8 AS "reservedUsd", to_json(reserved_at) #>> '{}' AS "startedAt", error
     FROM claude_calls WHERE thread_id = $1 AND NOT is_cost_known AND status <> 'reserved' ORDER BY claude_calls.id`,
    [threadId],
  );
  return rows;
}

/** What a thread's calls of unknown cost are counted at, all together. */
export async function unknownUsd(database: Database, threadId: string): Promise<number> {
  const costs = await unknownCosts(database, threadId);
  return costs.reduce((sum, { costUsd }) => sum + costUsd, 0);
}

/**
 * Settles a call at the cost that a human knows. One that is more than was counted makes the budget fuller, also beyond its
 * end: it is spent already.
 *
 * @returns false when the thread has no such call whose cost is unknown.
 */
export async function settleUnknownCost(
  database: Database,
  threadId: string,
  { id, costUsd }: { readonly id: string; readonly costUsd: number },
): Promise<boolean> {
  const { rowCount } = await database.pool.query(
    `WITH before AS (
       SELECT id, cost_usd FROM claude_calls
       WHERE thread_id = $1 AND id::text = $2 AND NOT is_cost_known AND status <> 'reserved' FOR UPDATE
     ), more AS (
       UPDATE threads SET promised_usd = promised_usd + greatest(0, $3::numeric - before.cost_usd)
       FROM before WHERE thread_id = $1
     )
     UPDATE claude_calls c SET cost_usd = $3, is_cost_known = true FROM before WHERE c.id = before.id`,
    [threadId, id, costUsd],
  );
  return rowCount === 1;
}
