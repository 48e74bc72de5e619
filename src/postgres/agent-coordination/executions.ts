import type { Task } from "../../domain/task.ts";
import type { Validator } from "../../domain/validator.ts";
import { Batches } from "../batches.ts";
import type { Database } from "../database.ts";
import { onceOnly } from "../held-database.ts";
import { toJsonb } from "../storable.ts";

/** Where a task's row is: one execution of a plan in one thread. A fork makes an execution of its own. */
export interface Execution {
  readonly threadId: string;
  readonly executionId: string;
}

/** An execution to open, and where in the workflow it is. */
export interface NewExecution extends Execution {
  /** The node that runs it. */
  readonly node?: string;
  /** The checkpoint of the thread, not of a subgraph, that the node began from; default: the newest that is written. */
  readonly checkpointId?: string | undefined;
}

/** A task as `dispatch` writes it. */
export interface NewTaskRow extends Task {
  readonly wave: number;
  readonly dependants: readonly string[];
}

/**
 * Writes all tasks of an execution in one statement, pending, in the plan's order. Tasks that are there already stay as
 * they are: a rerun of the same dispatch changes nothing. The thread must have its row.
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
 * A plan this large makes the statistics wrong by which Postgres chooses how to run the statements below: it would
 * go on reading the whole table for each task, as is right for a few, until autovacuum comes by.
 */
const MANY_TASKS = 500;

/** A task which a lane has claimed: running, and nobody else's. */
export interface ClaimedTask {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly model: string | null;
  readonly dependsOn: readonly string[];
  /** Attempts that failed before, and how many of those were before a human said "try again". */
  readonly attempts: number;
  readonly attemptsBefore: number;
  /** What that human told the agent. */
  readonly advice: string | null;
  readonly validate: Validator | null;
  /** The task's own ceiling, if a human raised it. */
  readonly budgetUsd: number | null;
  /** Whether calls were made for a task of this id before, in this run of the thread or another. */
  readonly hasHistory: boolean;
}

/** Named as `recordOutcome` returns it in JSON, too. */
export const CLAIMED = `task_id AS "id", agent_type AS "agent", description, prompt, requested_model AS "model",
       depends_on AS "dependsOn", attempts, attempts_before AS "attemptsBefore", advice, validate,
       budget_usd::float8 AS "budgetUsd",
       EXISTS (SELECT FROM claude_calls c WHERE c.thread_id = $1 AND c.phase = 'agents'
         AND c.task_id = agent_coordination.task_id) AS "hasHistory"`;

/** The first ready tasks that nobody else is just claiming, each with its turn. */
export function firstReady(count: string): string {
  return `SELECT ready_id, row_number() OVER (ORDER BY rank) AS turn FROM (
      SELECT id AS ready_id, position AS rank FROM agent_coordination
      WHERE session_id = $1 AND execution_id = $2 AND status = 'pending' AND blockers = 0
      ORDER BY position LIMIT ${count} FOR UPDATE SKIP LOCKED) first`;
}

/** Gives each of `ready` to the one of `takers (taking, turn)` whose turn it is. */
export const CLAIM_READY = `UPDATE agent_coordination
     SET status = 'running', claimed_by = taking, started_at = clock_timestamp(), "timestamp" = clock_timestamp()
     FROM ready JOIN takers USING (turn) WHERE id = ready_id`;

/** The statement by which the lane in a parameter claims the first ready task, if the condition holds. */
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

/** Where what lanes do at the same moment is gathered: by the execution they belong to. */
export const executionKey = ({ threadId, executionId }: Execution): string => `${threadId} ${executionId}`;

/** Takes the first ready task of the plan's order, or none. Two lanes never take the same one. */
export async function claimTask(
  database: Database,
  execution: Execution,
  laneId: string,
): Promise<ClaimedTask | undefined> {
  const claim = () => claims.do(database, executionKey(execution), laneId);
  // A claim that was lost with its connection may have been made: its task is given back.
  return (await database.hold(claim, { undo: () => releaseHeld(database, execution, laneId) })) || undefined;
}

/** Lanes that ask at the same moment are given the first ready tasks together; false for those that get none. */
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

/** Tasks that could still be run, those of them that are ready now, and those that are running. */
export interface Unfinished {
  readonly pending: number;
  readonly ready: number;
  readonly running: number;
}

/** How much of an execution is left. */
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

/** How long ago a task of the thread last began, in ms; undefined when none did. */
export async function sinceLastStart(database: Database, threadId: string): Promise<number | undefined> {
  const { rows } = await database.pool.query<{ ms: number | null }>(
    `SELECT (extract(epoch FROM clock_timestamp() - max(started_at)) * 1000)::float8 AS "ms"
     FROM agent_coordination WHERE session_id = $1`,
    [threadId],
  );
  return rows[0]?.ms ?? undefined;
}

/**
 * Makes the tasks pending again which a process that died, or lost its database, left running. The caller holds
 * the thread's lock and has not begun yet, so nobody is at work on them.
 */
export async function releaseOrphans(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE agent_coordination SET status = 'pending', claimed_by = NULL, started_at = NULL
     WHERE session_id = $1 AND status = 'running'`,
    [threadId],
  );
}

/**
 * Gives back what a lane holds, for others to take: it was told to stop before there was an outcome, or does not know what
 * it claimed.
 *
 * @param except - the task that it keeps.
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
