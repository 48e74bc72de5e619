import type { Phase } from "../../domain/event.ts";
import type { TaskStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";

/** A task as a report shows it. Times in ms, money in USD. */
export interface TaskReport {
  readonly id: string;
  readonly agent: string;
  readonly status: TaskStatus;
  readonly attempts: number;
  readonly escalated: boolean;
  readonly model: string | null;
  readonly summary: string | null;
  readonly output: string | null;
  readonly costUsd: number;
  readonly ms: number | null;
  readonly error: string | null;
}

/** The execution a thread is in or ended with: a fork or new input on the thread makes another one. */
const LATEST = `(SELECT execution_id FROM agent_coordination
  WHERE session_id = $1 AND execution_id IS NOT NULL ORDER BY id DESC LIMIT 1)`;

/** The tasks of a thread's latest execution in plan order. */
export async function reportTasks(database: Database, threadId: string): Promise<TaskReport[]> {
  const { rows } = await database.pool.query<TaskReport>(
    `SELECT task_id AS "id", agent_type AS "agent", status, attempts, escalated, model,
       result->>'summary' AS "summary", result->>'output' AS "output", cost_usd::float8 AS "costUsd",
       round(extract(epoch FROM ended_at - started_at) * 1000)::int AS "ms", error
     FROM agent_coordination WHERE session_id = $1 AND execution_id = ${LATEST} ORDER BY position`,
    [threadId],
  );
  return rows;
}

/** What a thread's calls used and cost, from the ledger. */
export interface CallTotals {
  readonly costUsd: number;
  readonly tokens: {
    readonly input: number;
    readonly output: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
  };
  readonly calls: {
    readonly paid: number;
    readonly replayed: number;
    readonly unknown: number;
    readonly failed: number;
  };
}

/** Sums over every call of a thread, or of all; those cut off count as `unknown`, at their reserved price. */
export async function callTotals(database: Database, threadId?: string): Promise<CallTotals> {
  const { rows } = await database.pool.query<Record<string, number>>(
    `SELECT coalesce(sum(cost_usd), 0)::float8 AS "costUsd",
       coalesce(sum(input_tokens), 0)::float8 AS "input", coalesce(sum(output_tokens), 0)::float8 AS "output",
       coalesce(sum(cache_read_tokens), 0)::float8 AS "cacheRead",
       coalesce(sum(cache_write_tokens), 0)::float8 AS "cacheWrite",
       count(*) FILTER (WHERE status = 'committed')::int AS "paid",
       count(*) FILTER (WHERE status = 'unknown')::int AS "unknown",
       count(*) FILTER (WHERE status = 'failed')::int AS "failed",
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

/** Wall time spent in each phase and at most how many agents ran at one moment, of the latest execution. */
export interface Timing {
  readonly phasesMs: Readonly<Record<Phase, number>>;
  readonly peakParallel: number;
  readonly wallMs: number;
}

/**
 * Phases as the time in which at least one call or task of theirs was under way, so that hours of waiting for
 * a human are not in them. `wallMs` runs from the thread's start to its end, or to now.
 */
export async function timing(database: Database, threadId: string): Promise<Timing> {
  const { rows } = await database.pool.query<Record<Phase | "peak" | "wall", number>>(
    `WITH spans AS (
       SELECT 'agents' AS phase, tstzrange(started_at, coalesce(ended_at, clock_timestamp())) AS span
       FROM agent_coordination
       WHERE session_id = $1 AND execution_id = ${LATEST} AND started_at IS NOT NULL
       UNION ALL
       SELECT phase, tstzrange(reserved_at, coalesce(settled_at, reserved_at))
       FROM claude_calls WHERE thread_id = $1 AND phase <> 'agents'
     ), busy AS (
       SELECT phase, sum(extract(epoch FROM upper(part) - lower(part)) * 1000)::float8 AS ms
       FROM (SELECT phase, unnest(range_agg(span)) AS part FROM spans GROUP BY phase) parts GROUP BY phase
     ), steps AS (
       SELECT lower(span) AS at, 1 AS step FROM spans WHERE phase = 'agents' AND NOT isempty(span)
       UNION ALL SELECT upper(span), -1 FROM spans WHERE phase = 'agents' AND NOT isempty(span)
     ), level AS (SELECT sum(step) OVER (ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS running FROM steps)
     SELECT coalesce(round((SELECT ms FROM busy WHERE phase = 'plan')), 0)::int AS "plan",
       coalesce(round((SELECT ms FROM busy WHERE phase = 'agents')), 0)::int AS "agents",
       coalesce(round((SELECT ms FROM busy WHERE phase = 'synthesis')), 0)::int AS "synthesis",
       coalesce((SELECT max(running) FROM level), 0)::int AS "peak",
       round(extract(epoch FROM coalesce(ended_at, updated_at) - created_at) * 1000)::int AS "wall"
     FROM threads WHERE thread_id = $1`,
    [threadId],
  );
  const row = rows[0] ?? { plan: 0, agents: 0, synthesis: 0, peak: 0, wall: 0 };
  const { plan, agents, synthesis, peak, wall } = row;
  return { phasesMs: { plan, agents, synthesis }, peakParallel: peak, wallMs: wall };
}

/** What one agent's calls on one model in one phase came to. */
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
       count(*) FILTER (WHERE status = 'unknown')::int AS "unknown",
       sum(input_tokens)::float8 AS "input", sum(output_tokens)::float8 AS "output",
       sum(cache_read_tokens)::float8 AS "cacheRead", sum(cache_write_tokens)::float8 AS "cacheWrite",
       sum(cost_usd)::float8 AS "costUsd"
     FROM claude_calls WHERE $1::uuid IS NULL OR thread_id = $1
     GROUP BY phase, agent, model ORDER BY sum(cost_usd) DESC, phase, agent, model`,
    [threadId ?? null],
  );
  return rows;
}
