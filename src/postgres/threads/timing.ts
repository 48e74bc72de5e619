import type { Phase } from "../../domain/event.ts";
import type { Timing } from "../../domain/thread.ts";
import { tasksThatCount } from "../agent-coordination/branch.ts";
import type { Database } from "../database.ts";

/**
 * A phase's time counts only while one of its calls or tasks was under way, so that it excludes waiting for a human. `wallMs`
 * is the time from the thread's start to its end, or to its last change.
 */
export async function timing(database: Database, threadId: string): Promise<Timing> {
  const { rows } = await database.pool.query<Record<Phase | "peak" | "wall", number>>(
    `WITH spans AS (
       SELECT 'agents' AS phase, tstzrange(started_at, coalesce(ended_at, clock_timestamp())) AS span
       FROM agent_coordination
       WHERE id IN ${tasksThatCount("$1::uuid")} AND started_at IS NOT NULL
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
