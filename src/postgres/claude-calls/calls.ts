import type { Call } from "../../domain/call.ts";
import type { Database } from "../database.ts";
import { toJsonb } from "../storable.ts";

/** Characters of an answer's text in a list. */
const TEXT_CHARACTERS = 20_000;

/** Tokens by kind, from columns named input, output, "cacheRead" and "cacheWrite". */
export const TOKENS = `json_build_object('input', coalesce(input, 0), 'output', coalesce(output, 0),
  'cacheRead', coalesce("cacheRead", 0), 'cacheWrite', coalesce("cacheWrite", 0))`;

/** A task of a node, in all executions: a fork has another one. */
export interface TaskOfNode {
  readonly threadId: string;
  readonly taskId: string;
  readonly node: string | null;
}

/** The executions, on all branches, in which node $3 ran task $2 of thread $1. */
export const EXECUTIONS_OF_TASK = `(SELECT execution_id FROM agent_coordination
  WHERE session_id = $1 AND execution_id IS NOT NULL AND task_id = $2 AND node IS NOT DISTINCT FROM $3::text)`;

/** The calls of a task in all its executions, oldest first: a fork replays those of earlier ones. */
export async function callsOfTask(
  database: Database,
  { threadId, taskId, node }: TaskOfNode,
): Promise<Call[]> {
  const { rows } = await database.pool.query<Call>(
    `SELECT id::text AS "id", phase, attempt, turn, status, model, ${TOKENS} AS "tokens", cost_usd::float8 AS "costUsd",
       replays, error, to_json(reserved_at) #>> '{}' AS "startedAt", to_json(settled_at) #>> '{}' AS "endedAt",
       round(extract(epoch FROM settled_at - reserved_at) * 1000)::float8 AS "ms", left(text, ${TEXT_CHARACTERS}) AS "text"
     FROM (
       SELECT c.*, input_tokens AS input, output_tokens AS output, cache_read_tokens AS "cacheRead",
         cache_write_tokens AS "cacheWrite", (
           SELECT string_agg(block->>'text', '') FROM jsonb_array_elements(
             CASE WHEN jsonb_typeof(response->'content') = 'array' THEN response->'content' ELSE '[]' END) block
           WHERE block->>'type' = 'text') AS text
       FROM claude_calls c WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2
         AND execution_id IN ${EXECUTIONS_OF_TASK}) calls
     ORDER BY calls.id`,
    [threadId, taskId, node],
  );
  return rows;
}

/** The turn whose response has a tool call, in any execution, and the response's content blocks. */
export interface AskingTurn {
  readonly turn: number;
  readonly content: readonly unknown[];
}

/** Undefined when no committed response of the attempt has a call with this id. */
export async function askingTurn(
  database: Database,
  {
    threadId,
    taskId,
    attempt,
  }: { readonly threadId: string; readonly taskId: string; readonly attempt: number },
  toolUseId: string,
): Promise<AskingTurn | undefined> {
  const { rows } = await database.pool.query<AskingTurn>(
    `SELECT turn, response->'content' AS "content" FROM claude_calls
     WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2 AND attempt = $3 AND status = 'committed'
       AND response->'content' @> $4 ORDER BY id LIMIT 1`,
    [threadId, taskId, attempt, toJsonb([{ type: "tool_use", id: toolUseId }])],
  );
  return rows[0];
}
