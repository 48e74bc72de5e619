import type { EmotionalState } from "../../domain/agent-result.ts";
import type { Phase } from "../../domain/event.ts";
import type { TaskStatus } from "../../domain/task.ts";
import type { Database } from "../database.ts";

interface TokenCounts {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** A task of a thread's latest execution, with what it has used so far. Money in USD, durations in ms. */
export interface TaskListRow {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly status: TaskStatus;
  readonly wave: number;
  readonly dependsOn: readonly string[];
  /** The run of a lane that took it last. */
  readonly claimedBy: string | null;
  readonly model: string | null;
  readonly attempts: number;
  readonly escalated: boolean;
  readonly tokens: TokenCounts;
  readonly costUsd: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly ms: number | null;
  readonly summary: string | null;
  readonly error: string | null;
  readonly emotionalState: EmotionalState | null;
}

/** Characters of a summary or an error in a list, and of a long text in a task's details. */
const LINE_CHARACTERS = 500;
const TEXT_CHARACTERS = 20_000;

const LATEST = `(SELECT execution_id FROM agent_coordination
  WHERE session_id = $1 AND execution_id IS NOT NULL ORDER BY id DESC LIMIT 1)`;

const TOKENS = `json_build_object('input', coalesce(input, 0), 'output', coalesce(output, 0),
  'cacheRead', coalesce("cacheRead", 0), 'cacheWrite', coalesce("cacheWrite", 0))`;

/** All tasks of a thread's latest execution, in the plan's order. */
export async function taskRows(database: Database, threadId: string): Promise<TaskListRow[]> {
  const { rows } = await database.pool.query<TaskListRow>({
    name: "task-rows",
    text: `WITH used AS (
       SELECT task_id, sum(cost_usd)::float8 AS cost, sum(input_tokens)::float8 AS input,
         sum(output_tokens)::float8 AS output, sum(cache_read_tokens)::float8 AS "cacheRead",
         sum(cache_write_tokens)::float8 AS "cacheWrite"
       FROM claude_calls WHERE thread_id = $1 AND phase = 'agents' AND execution_id = ${LATEST} GROUP BY task_id)
     SELECT a.task_id AS "id", agent_type AS "agent", coalesce(description, '') AS "description", status,
       coalesce(wave, 0) AS "wave", depends_on AS "dependsOn", claimed_by AS "claimedBy",
       coalesce(model, requested_model) AS "model", attempts, escalated, ${TOKENS} AS "tokens",
       coalesce(cost, 0) AS "costUsd", to_json(started_at) #>> '{}' AS "startedAt",
       to_json(ended_at) #>> '{}' AS "endedAt",
       round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "ms",
       left(result->>'summary', ${LINE_CHARACTERS}) AS "summary", left(error, ${LINE_CHARACTERS}) AS "error",
       emotional_state AS "emotionalState"
     FROM agent_coordination a LEFT JOIN used ON used.task_id = a.task_id
     WHERE session_id = $1 AND execution_id = ${LATEST} ORDER BY position`,
    values: [threadId],
  });
  return rows;
}

/** What only a task's own page shows. */
export interface TaskText {
  readonly executionId: string;
  readonly prompt: string;
  readonly output: string | null;
  readonly confidence: number | null;
}

export async function findTaskText(
  database: Database,
  threadId: string,
  taskId: string,
): Promise<TaskText | undefined> {
  const { rows } = await database.pool.query<TaskText>(
    `SELECT execution_id AS "executionId", coalesce(prompt, '') AS "prompt", result->>'output' AS "output",
       (result->>'confidence')::float8 AS "confidence"
     FROM agent_coordination WHERE session_id = $1 AND execution_id = ${LATEST} AND task_id = $2`,
    [threadId, taskId],
  );
  return rows[0];
}

/** One call of the ledger. `text` is what Claude said, if there is a response. */
export interface CallRow {
  readonly id: string;
  readonly phase: Phase;
  readonly attempt: number;
  readonly turn: number;
  readonly status: "reserved" | "committed" | "failed" | "unknown";
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly costUsd: number;
  readonly replays: number;
  readonly error: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ms: number | null;
  readonly text: string | null;
}

/** The calls made for a task in all executions of a thread, oldest first: a fork uses those before it again. */
export async function callsOfTask(database: Database, threadId: string, taskId: string): Promise<CallRow[]> {
  const { rows } = await database.pool.query<CallRow>(
    `SELECT id::text AS "id", phase, attempt, turn, status, model, ${TOKENS} AS "tokens", cost_usd::float8 AS "costUsd",
       replays, error, to_json(reserved_at) #>> '{}' AS "startedAt", to_json(settled_at) #>> '{}' AS "endedAt",
       round(extract(epoch FROM settled_at - reserved_at) * 1000)::float8 AS "ms", left(text, ${TEXT_CHARACTERS}) AS "text"
     FROM (
       SELECT c.*, input_tokens AS input, output_tokens AS output, cache_read_tokens AS "cacheRead",
         cache_write_tokens AS "cacheWrite", (
           SELECT string_agg(block->>'text', '') FROM jsonb_array_elements(
             CASE WHEN jsonb_typeof(response->'content') = 'array' THEN response->'content' ELSE '[]' END) block
           WHERE block->>'type' = 'text') AS text
       FROM claude_calls c WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2) calls
     ORDER BY calls.id`,
    [threadId, taskId],
  );
  return rows;
}

/** An attempt that failed, and when. */
export interface AttemptRow {
  readonly attempt: number;
  readonly model: string;
  readonly failure: string;
  readonly digest: string;
  readonly endedAt: string;
}

export async function attemptsOfTask(
  database: Database,
  threadId: string,
  executionId: string,
  taskId: string,
): Promise<AttemptRow[]> {
  const { rows } = await database.pool.query<AttemptRow>(
    `SELECT attempt, model, failure, digest, to_json(ended_at) #>> '{}' AS "endedAt" FROM task_attempts
     WHERE session_id = $1 AND execution_id = $2 AND task_id = $3 ORDER BY attempt`,
    [threadId, executionId, taskId],
  );
  return rows;
}

/** A tool call of a task: what was asked for, as JSON text, and what came of it. Long texts are cut. */
export interface ToolCallRow {
  readonly id: string;
  readonly attempt: number;
  readonly turn: number;
  readonly name: string;
  readonly status: "asked" | "running" | "done" | "failed" | "rejected";
  readonly input: string;
  readonly output: string | null;
  readonly isError: boolean;
  readonly startedAt: string | null;
  readonly ms: number | null;
}

/** The tool calls made for a task in all executions of a thread, oldest first. */
export async function toolCallsOfTask(
  database: Database,
  threadId: string,
  taskId: string,
): Promise<ToolCallRow[]> {
  const { rows } = await database.pool.query<ToolCallRow>(
    `SELECT id::text AS "id", attempt, turn, name, status, left(input::text, ${TEXT_CHARACTERS}) AS "input",
       left(coalesce(shown, result), ${TEXT_CHARACTERS}) AS "output", coalesce(is_error, false) AS "isError",
       to_json(started_at) #>> '{}' AS "startedAt",
       round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "ms"
     FROM tool_calls WHERE thread_id = $1 AND task_id = $2 ORDER BY attempt, turn, position, id`,
    [threadId, taskId],
  );
  return rows;
}
