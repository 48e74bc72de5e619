import type { AgentResult, EmotionalState } from "../core/agent-result.ts";
import type { Task } from "../core/tasks.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** Where a task's row is: one execution of a plan in one thread. A fork makes an execution of its own. */
export interface Execution {
  readonly threadId: string;
  readonly executionId: string;
}

/** A task as `dispatch` writes it. */
export interface NewTaskRow extends Task {
  readonly wave: number;
  readonly dependants: readonly string[];
}

/**
 * Writes all tasks of an execution at once, pending, unless they are there already: a rerun of the same
 * dispatch changes nothing.
 */
export async function openExecution(
  database: Database,
  { threadId, executionId }: Execution,
  tasks: readonly NewTaskRow[],
): Promise<void> {
  await database.pool.query(
    `INSERT INTO agent_coordination (session_id, execution_id, task_id, agent_type, status, position, wave,
       description, prompt, requested_model, depends_on, dependants, blockers)
     SELECT $1, $2, t.value->>'id', t.value->>'agent', 'pending', t.ordinality, (t.value->>'wave')::int,
       t.value->>'description', t.value->>'prompt', t.value->>'model', d.names, w.names, cardinality(d.names)
     FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS t,
       LATERAL (SELECT coalesce(array_agg(DISTINCT v), '{}') AS names
                FROM jsonb_array_elements_text(t.value->'dependsOn') v) d,
       LATERAL (SELECT coalesce(array_agg(DISTINCT v), '{}') AS names
                FROM jsonb_array_elements_text(t.value->'dependants') v) w
     ON CONFLICT (session_id, execution_id, task_id) WHERE execution_id IS NOT NULL DO NOTHING`,
    [threadId, executionId, toJsonb(tasks)],
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
}

/** The statement by which the lane in a parameter claims the first ready task, if the condition holds. */
function claimStatement(lane: string, condition: string): string {
  return `UPDATE agent_coordination
     SET status = 'running', claimed_by = ${lane}, started_at = clock_timestamp(), "timestamp" = clock_timestamp()
     WHERE id = (
       SELECT id FROM agent_coordination
       WHERE session_id = $1 AND execution_id = $2 AND status = 'pending' AND blockers = 0
         AND ${condition}
       ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING task_id AS "id", agent_type AS "agent", description, prompt, requested_model AS "model",
       depends_on AS "dependsOn"`;
}

/** Takes the first ready task of the plan's order, or none. Two lanes never take the same one. */
export async function claimTask(
  database: Database,
  { threadId, executionId }: Execution,
  laneId: string,
): Promise<ClaimedTask | undefined> {
  const { rows } = await database.pool.query<ClaimedTask>({
    name: "claim-task",
    text: claimStatement("$3", "true"),
    values: [threadId, executionId, laneId],
  });
  return rows[0];
}

/** How many tasks of an execution could still be run, and how many are running now. */
export async function countUnfinished(
  database: Database,
  { threadId, executionId }: Execution,
): Promise<{ pending: number; running: number }> {
  const { rows } = await database.pool.query<{ pending: number; running: number }>(
    `SELECT count(*) FILTER (WHERE status = 'pending')::int AS "pending",
       count(*) FILTER (WHERE status = 'running')::int AS "running"
     FROM agent_coordination WHERE session_id = $1 AND execution_id = $2 AND status IN ('pending', 'running')`,
    [threadId, executionId],
  );
  return rows[0] ?? { pending: 0, running: 0 };
}

/** What a recorded outcome came to. */
export interface Recorded {
  readonly ms: number;
  readonly touched: number;
  readonly next: ClaimedTask | null;
}

/** What came of a task, as its lane records it. */
export interface TaskOutcome {
  readonly status: "completed" | "failed";
  readonly result: AgentResult | null;
  readonly emotionalState: EmotionalState | null;
  readonly error: string | null;
  readonly model: string | null;
  readonly attempts: number;
  readonly costUsd: number;
}

/**
 * Records a task's outcome and, in the same statement, what follows from it: completed takes one blocker
 * from each dependant; failed blocks everything that depends on it, near or far. Dependants are locked in
 * the order of their ids, so that two lanes which finish at once cannot deadlock.
 *
 * @param claimNext - whether to claim the next task in the same statement. None is claimed when the outcome changed
 *   what is ready: `claimTask` sees that.
 * @returns the task's duration in ms by the database's clock, how many tasks became ready or blocked and the next
 *   task, or undefined when the lane no longer holds the task: then nothing was recorded.
 */
export async function recordOutcome(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
  laneId: string,
  outcome: TaskOutcome,
  claimNext = false,
): Promise<Recorded | undefined> {
  const { rows } = await database.pool.query<Recorded>({
    name: `record-${outcome.status}-${claimNext}`,
    text: `WITH RECURSIVE done AS (
       UPDATE agent_coordination
       SET status = $5, result = $6, emotional_state = $7, error = $8, model = $9, attempts = $10,
         cost_usd = $11, ended_at = clock_timestamp(), "timestamp" = clock_timestamp()
       WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND claimed_by = $4 AND status = 'running'
       RETURNING task_id, dependants, extract(epoch FROM ended_at - started_at) * 1000 AS ms
     ), ${outcome.status === "completed" ? UNBLOCK : BLOCK}${claimNext ? `, next AS (${claimStatement("$4", IS_AS_READY)})` : ""}
     SELECT done.ms::float8 AS "ms", (SELECT count(*)::int FROM touched) AS "touched",
       ${claimNext ? "(SELECT to_json(next) FROM next)" : "NULL"} AS "next" FROM done`,
    values: [
      threadId,
      executionId,
      taskId,
      laneId,
      outcome.status,
      outcome.result && toJsonb(outcome.result),
      outcome.emotionalState && toJsonb(outcome.emotionalState),
      toText(outcome.error),
      outcome.model,
      outcome.attempts,
      outcome.costUsd,
    ],
  });
  return rows[0];
}

/** Something was recorded and nothing became ready by it, which this statement itself could not see. */
const IS_AS_READY = "EXISTS (SELECT FROM done) AND NOT EXISTS (SELECT FROM touched)";

const UNBLOCK = `dependants AS (
       SELECT a.id FROM agent_coordination a JOIN (SELECT unnest(dependants) AS name FROM done) n ON a.task_id = n.name
       WHERE a.session_id = $1 AND a.execution_id = $2 ORDER BY a.id FOR UPDATE OF a
     ), touched AS (
       UPDATE agent_coordination a SET blockers = a.blockers - 1 FROM dependants d WHERE a.id = d.id
       RETURNING a.id
     )`;

const BLOCK = `closure AS (
       SELECT unnest(dependants) AS name, task_id AS cause FROM done
       UNION
       SELECT unnest(a.dependants), c.cause FROM closure c JOIN agent_coordination a
         ON a.session_id = $1 AND a.execution_id = $2 AND a.task_id = c.name
     ), dependants AS (
       SELECT a.id, c.cause FROM agent_coordination a JOIN closure c ON a.task_id = c.name
       WHERE a.session_id = $1 AND a.execution_id = $2 ORDER BY a.id FOR UPDATE OF a
     ), touched AS (
       UPDATE agent_coordination a
       SET status = 'blocked', error = 'task "' || d.cause || '", which it depends on, failed',
         "timestamp" = clock_timestamp()
       FROM dependants d WHERE a.id = d.id AND a.status = 'pending'
       RETURNING a.id
     )`;

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

/** Gives a claimed task back, for another run to take: its lane was told to stop before there was an outcome. */
export async function releaseTask(
  database: Database,
  { threadId, executionId }: Execution,
  taskId: string,
  laneId: string,
): Promise<void> {
  await database.pool.query(
    `UPDATE agent_coordination SET status = 'pending', claimed_by = NULL, started_at = NULL
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 AND claimed_by = $4 AND status = 'running'`,
    [threadId, executionId, taskId, laneId],
  );
}
