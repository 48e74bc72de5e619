import type { CallTotals } from "../../domain/call.ts";
import type { Phase } from "../../domain/event.ts";
import type { Database } from "../database.ts";

/** Calls whose cost is an assumption, with or without an answer. */
const UNKNOWN = "NOT is_cost_known AND status <> 'reserved'";

/**
 * Totals of all calls of a thread, or of all threads. An answer without usage is `paid` and `unknown`; a call without an answer
 * is `failed` once its cost is known.
 */
export async function callTotals(database: Database, threadId?: string): Promise<CallTotals> {
  const { rows } = await database.pool.query<Record<string, number>>(
    `SELECT coalesce(sum(cost_usd), 0)::float8 AS "costUsd",
       coalesce(sum(input_tokens), 0)::float8 AS "input", coalesce(sum(output_tokens), 0)::float8 AS "output",
       coalesce(sum(cache_read_tokens), 0)::float8 AS "cacheRead",
       coalesce(sum(cache_write_tokens), 0)::float8 AS "cacheWrite",
       count(*) FILTER (WHERE status = 'committed')::int AS "paid",
       count(*) FILTER (WHERE ${UNKNOWN})::int AS "unknown",
       count(*) FILTER (WHERE status = 'failed' OR status = 'unknown' AND is_cost_known)::int AS "failed",
       coalesce(sum(replays), 0)::int AS "replayed"
     FROM claude_calls WHERE $1::uuid IS NULL OR thread_id = $1`,
    [threadId ?? null],
  );
  const total = (key: string): number => rows[0]?.[key] ?? 0;
  return {
    costUsd: total("costUsd"),
    tokens: {
      input: total("input"),
      output: total("output"),
      cacheRead: total("cacheRead"),
      cacheWrite: total("cacheWrite"),
    },
    calls: {
      paid: total("paid"),
      replayed: total("replayed"),
      unknown: total("unknown"),
      failed: total("failed"),
    },
  };
}

/** The totals of one agent's calls on one model in one phase. */
export interface CostLine {
  readonly phase: Phase;
  readonly agent: string;
  readonly model: string;
  readonly calls: number;
  readonly unknown: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly costUsd: number;
}

/** The ledger by phase, agent and model, dearest first: of one thread, or of all. */
export async function costLines(database: Database, threadId?: string): Promise<CostLine[]> {
  const { rows } = await database.pool.query<CostLine>(
    `SELECT phase, agent, model, count(*) FILTER (WHERE status = 'committed')::int AS "calls",
       count(*) FILTER (WHERE ${UNKNOWN})::int AS "unknown",
       sum(input_tokens)::float8 AS "input", sum(output_tokens)::float8 AS "output",
       sum(cache_read_tokens)::float8 AS "cacheRead", sum(cache_write_tokens)::float8 AS "cacheWrite",
       sum(cost_usd)::float8 AS "costUsd"
     FROM claude_calls WHERE $1::uuid IS NULL OR thread_id = $1
     GROUP BY phase, agent, model ORDER BY sum(cost_usd) DESC, phase, agent, model`,
    [threadId ?? null],
  );
  return rows;
}
