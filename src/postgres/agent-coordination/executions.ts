import type { Task } from "../../domain/task.ts";
import type { Validator } from "../../domain/validator.ts";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb } from "../storable.ts";

/** One execution of a plan in one thread. A fork makes another execution. */
export interface Execution {
  readonly threadId: string;
  readonly executionId: string;
}

/** An execution to open, and its place in the workflow. */
export interface NewExecution extends Execution {
  /** The node that runs it. */
  readonly node?: string;
  /** The thread's checkpoint (not a subgraph's) from which the node started; default: the newest stored one. */
  readonly checkpointId?: string | undefined;
}

/** A new row of a task. */
export interface NewTaskRow extends Task {
  readonly wave: number;
  readonly dependants: readonly string[];
}

/**
 * Inserts all tasks of an execution as pending, in one statement, in the plan's order. Idempotent: existing rows stay
 * unchanged. The thread's row must exist.
 */
export async function openExecution(
  database: Database,
  { threadId, executionId, node = "claude_executor", checkpointId }: NewExecution,
  tasks: readonly NewTaskRow[],
): Promise<void> {
  await database.pool.query(
    `INSERT INTO agent_coordination (session_id, owner, execution_id, node, checkpoint_id, task_id, agent_type, status,
       position, wave, description, prompt, requested_model, validate, depends_on, dependants, blockers)
     SELECT $1, $1, $2, $4, coalesce($5, newest), t.value->>'id', t.value->>'agent', 'pending', t.ordinality,
       (t.value->>'wave')::int, t.value->>'description', t.value->>'prompt', t.value->>'model', t.value->'validate',
       d.names, w.names, cardinality(d.names)
     FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS t,
       LATERAL (SELECT coalesce(array_agg(DISTINCT v), '{}') AS names
                FROM jsonb_array_elements_text(t.value->'dependsOn') v) d,
       LATERAL (SELECT coalesce(array_agg(DISTINCT v), '{}') AS names
                FROM jsonb_array_elements_text(t.value->'dependants') v) w,
       (SELECT max(checkpoint_id) AS newest FROM checkpoints
        WHERE thread_id = $1::uuid::text AND checkpoint_ns = '') c
     ORDER BY t.ordinality
     ON CONFLICT (session_id, execution_id, task_id) WHERE execution_id IS NOT NULL DO NOTHING`,
    [threadId, executionId, toJsonb(tasks), node, checkpointId ?? null],
  );
  if (tasks.length >= MANY_TASKS) await database.pool.query("ANALYZE agent_coordination");
}

/**
 * After the insert of a plan this large, Postgres's statistics are wrong: until autovacuum it would scan the whole table for
 * each task, as it does for small tables.
 */
const MANY_TASKS = 500;

/** A running task that one lane has claimed. */
export interface ClaimedTask {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly model: string | null;
  readonly dependsOn: readonly string[];
  /** The failed attempts so far, and those before a human's last retry. */
  readonly attempts: number;
  readonly attemptsBefore: number;
  /** The human's advice for the retry. */
  readonly advice: string | null;
  readonly validate: Validator | null;
  /** The task's ceiling after a human raised it. */
  readonly budgetUsd: number | null;
  /** Whether the thread has earlier calls for a task with this id. */
  readonly hasHistory: boolean;
}

/** The columns of a ClaimedTask. `recordOutcome` returns them as JSON with the same names. */
export const CLAIMED = `task_id AS "id", agent_type AS "agent", description, prompt, requested_model AS "model",
       depends_on AS "dependsOn", attempts, attempts_before AS "attemptsBefore", advice, validate,
       budget_usd::float8 AS "budgetUsd",
       EXISTS (SELECT FROM claude_calls c WHERE c.thread_id = $1 AND c.phase = 'agents'
         AND c.task_id = agent_coordination.task_id) AS "hasHistory"`;

/** The first ready tasks that no other statement is claiming, each with its number. */
export function firstReady(count: string): string {
  return `SELECT ready_id, row_number() OVER (ORDER BY rank) AS turn FROM (
      SELECT id AS ready_id, position AS rank FROM agent_coordination
      WHERE session_id = $1 AND execution_id = $2 AND status = 'pending' AND blockers = 0
      ORDER BY position LIMIT ${count} FOR UPDATE SKIP LOCKED) first`;
}

/** Assigns `ready` tasks to `takers (taking, turn)` with the same number. */
export const CLAIM_READY = `UPDATE agent_coordination
     SET status = 'running', claimed_by = taking, started_at = clock_timestamp(), "timestamp" = clock_timestamp()
     FROM ready JOIN takers USING (turn) WHERE id = ready_id`;

/** A statement by which a lane claims the first ready task if a condition holds. `lane` is its parameter. */
export function claimStatement(lane: string, condition: string): string {
  return `UPDATE agent_coordination
     SET status = 'running', claimed_by = ${lane}, started_at = clock_timestamp(), "timestamp" = clock_timestamp()
     WHERE id = (
       SELECT id FROM agent_coordination
       WHERE session_id = $1 AND execution_id = $2 AND status = 'pending' AND blockers = 0
         AND ${condition}
       ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING ${CLAIMED}`;
}

/** The key for batches of one execution. */
export const executionKey = ({ threadId, executionId }: Execution): string => `${threadId} ${executionId}`;

/** Claims the first ready task in the plan's order, if any. Two lanes never claim the same task. */
export async function claimTask(
  database: Database,
  execution: Execution,
  laneId: string,
): Promise<ClaimedTask | undefined> {
  const claim = () => claims.do(database, executionKey(execution), laneId);
  // A claim that was lost with its connection may have been made: its task is given back.
  return (await database.hold(claim, { undo: () => releaseHeld(database, execution, laneId) })) || undefined;
}

/** Claims tasks for several lanes in one statement; false for a lane without a task. */
const claims = new Batches<string, ClaimedTask | false>(async (database, key, lanes) => {
  const [threadId, executionId] = key.split(" ");
  const statement = {
    name: "claim-tasks",
    text: `WITH takers AS (
       SELECT taking, turn FROM unnest($3::uuid[]) WITH ORDINALITY AS t (taking, turn)
     ), ready AS (${firstReady("cardinality($3)")})
     ${CLAIM_READY}
     RETURNING taking AS taker, ${CLAIMED}`,
    values: [threadId, executionId, lanes],
  };
  const { rows } = await database.pool.query<ClaimedTask & { taker: string }>(onceOnly(statement));
  const claimed = new Map(rows.map(({ taker, ...task }) => [taker, task]));
  return lanes.map((lane) => claimed.get(lane) ?? false);
});

/** The number of pending tasks, of the ready ones among them, and of running tasks. */
export interface Unfinished {
  readonly pending: number;
  readonly ready: number;
  readonly running: number;
}

/** Counts the unfinished tasks of an execution. */
export async function countUnfinished(
  database: Database,
  { threadId, executionId }: Execution,
): Promise<Unfinished> {
  const { rows } = await database.pool.query<Unfinished>(
    `SELECT count(*) FILTER (WHERE status = 'pending')::int AS "pending",
       count(*) FILTER (WHERE status = 'pending' AND blockers = 0)::int AS "ready",
       count(*) FILTER (WHERE status = 'running')::int AS "running"
     FROM agent_coordination WHERE session_id = $1 AND execution_id = $2 AND status IN ('pending', 'running')`,
    [threadId, executionId],
  );
  return rows[0] ?? { pending: 0, ready: 0, running: 0 };
}

/**
 * The time since the thread's last task began, in ms; undefined when none has begun. Never negative, also after the clock was
 * set back.
 */
export async function sinceLastStart(database: Database, threadId: string): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ ms: number | null }>(
    `SELECT CASE WHEN max(started_at) IS NOT NULL
       THEN greatest(0, extract(epoch FROM clock_timestamp() - max(started_at)) * 1000)::float8 END AS "ms"
     FROM agent_coordination WHERE session_id = $1`,
    [threadId],
  );
  return rows[0]?.ms ?? undefined;
}

/**
 * Makes the running tasks of a dead or disconnected process pending again. The caller holds the thread's lock and has not
 * started work, so nobody works on them.
 */
export async function releaseOrphans(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE agent_coordination SET status = 'pending', claimed_by = NULL, started_at = NULL
     WHERE session_id = $1 AND status = 'running'`,
    [threadId],
  );
}

/**
 * Makes a lane's running tasks pending again: the lane was stopped before an outcome, or does not know what it has claimed.
 *
 * @param except - the task that the lane keeps.
 */
export async function releaseHeld(
  database: Database,
  { threadId, executionId }: Execution,
  laneId: string,
  except: string | null = null,
): Promise<void> {
  await database.pool.query(
    `UPDATE agent_coordination SET status = 'pending', claimed_by = NULL, started_at = NULL
     WHERE session_id = $1 AND execution_id = $2 AND claimed_by = $3 AND status = 'running'
       AND task_id IS DISTINCT FROM $4`,
    [threadId, executionId, laneId, except],
  );
}
