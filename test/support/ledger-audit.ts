import { expect } from "vitest";
import type { Database } from "../../src/postgres/database.ts";
import type { Simulator } from "../../src/simulator/server.ts";

interface AuditedCall {
  readonly key: string;
  /** Its turn in one execution; calls beside a conversation have none. */
  readonly place: string;
  readonly status: string;
  readonly costUsd: number;
  readonly reservedUsd: number;
  readonly requestId: string | null;
  readonly hasResponse: boolean;
}

/**
 * Holds a thread's ledger against what the server that stands for Claude billed: every committed call at the price it
 * billed, none of them twice, and whatever else it billed among the calls which count as `unknown`.
 */
export async function auditLedger(database: Database, thread: string, claude: Simulator): Promise<void> {
  const { rows: calls } = await database.pool.query<AuditedCall>(
    `SELECT concat_ws(' ', phase, task_id, attempt, turn, request_hash) AS "key", status,
       concat_ws(' ', execution_id, phase, task_id, attempt, turn, CASE WHEN turn = 0 THEN id END) AS "place",
       cost_usd::float8 AS "costUsd", reserved_usd::float8 AS "reservedUsd", request_id AS "requestId",
       response IS NOT NULL AS "hasResponse" FROM claude_calls WHERE thread_id = $1`,
    [thread],
  );
  const bills = new Map(claude.bills());
  const committed = calls.filter((call) => call.status === "committed");
  for (const key of ["key", "place"] as const) {
    const different = new Set(committed.map((call) => call[key])).size;
    expect(different, `a committed call was bought again, by its ${key}`).toBe(committed.length);
  }
  expect(calls.filter((call) => call.status === "reserved")).toEqual([]);
  for (const { requestId, costUsd, reservedUsd, hasResponse } of committed) {
    expect(hasResponse).toBe(true);
    expect(costUsd).toBeLessThanOrEqual(reservedUsd);
    expect(costUsd, `request ${requestId}`).toBeCloseTo(bills.get(requestId ?? "") ?? Number.NaN, 10);
    bills.delete(requestId ?? "");
  }
  const unknown = calls.filter((call) => call.status === "unknown");
  for (const call of unknown) expect(call.costUsd).toBeLessThanOrEqual(call.reservedUsd);
  expect(bills.size, "calls were billed which the ledger does not know").toBeLessThanOrEqual(unknown.length);
  const unexplained = [...bills.values()].reduce((sum, usd) => sum + usd, 0);
  const assumed = unknown.reduce((sum, call) => sum + call.costUsd, 0);
  expect(unexplained, "unknown calls cost more than they are counted at").toBeLessThanOrEqual(assumed);
}
