import type { PoolClient } from "pg";
import type { CallReservation } from "./ledger.ts";

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
  /** The cost of settled calls; `unknown` ones count at the most that they can have cost. */
  readonly spentUsd: number;
  /** The reserved prices of the calls under way. */
  readonly inFlightUsd: number;
}

/** Floating-point sums stay below the exact ones. */
const ALMOST = 1 - 1e-9;

/** What is reserved for a call that fits. Calls of one task follow each other, so they do not share its ceiling. */
export function shareOf(call: CallReservation, limits: readonly Full[]): number {
  const { reservedUsd, sharers = 1 } = call;
  const shares = limits.map(({ ceiling, limitUsd, spentUsd, inFlightUsd }) => {
    const leftUsd = (limitUsd - spentUsd - inFlightUsd) * ALMOST;
    return ceiling === "task" ? leftUsd : leftUsd / sharers;
  });
  return Math.max(reservedUsd, Math.min(call.mostUsd ?? reservedUsd, ...shares));
}

/** A ceiling's state, and whether a call fits under it: now, and without the calls under way. */
export interface Sum {
  readonly state: Full;
  readonly fits: boolean;
  readonly fitsAlone: boolean;
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
): Promise<Sum> {
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

/** The state of each ceiling that is set, with a call under it. The thread's row must be locked. @internal */
export async function sumsUnder(
  client: PoolClient,
  { threadId, phase, taskId, executionId, reservedUsd }: CallReservation,
  { threadUsd, taskUsd, dayUsd }: Ceilings & { readonly threadUsd: number },
) {
  const limits: readonly Limit[] = [
    { ceiling: "thread", limitUsd: threadUsd, where: "thread_id = $1", values: [threadId] },
    { ceiling: "task", limitUsd: taskUsd, where: TASK, values: [threadId, phase, taskId, executionId] },
    { ceiling: "day", limitUsd: dayUsd, where: TODAY, values: [] },
  ];
  const sums: Sum[] = [];
  for (const limit of limits) {
    if (limit.limitUsd !== undefined) sums.push(await addUp(client, limit, limit.limitUsd, reservedUsd));
  }
  return sums;
}
