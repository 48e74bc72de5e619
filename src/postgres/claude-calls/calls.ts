import type { Call } from "../../domain/call.ts";
import type { Database } from "../database.ts";
import { toJsonb } from "../storable.ts";
import type { CallPlace } from "./openings.ts";

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
       is_cost_known AS "isCostKnown", replays, error, to_json(reserved_at) #>> '{}' AS "startedAt", to_json(settled_at) #>> '{}' AS "endedAt",
       round(extract(epoch FROM settled_at - least(reserved_at, settled_at)) * 1000)::float8 AS "ms", left(text, ${TEXT_CHARACTERS}) AS "text"
     FROM (
       SELECT c.*, input_tokens AS input, output_tokens AS output, cache_read_tokens AS "cacheRead",
         cache_write_tokens AS "cacheWrite", (
           SELECT string_agg(block->>'text', '') FROM json_array_elements(
             CASE WHEN json_typeof(response->'content') = 'array' THEN response->'content' ELSE '[]' END) block
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
  readonly callId: string;
  readonly turn: number;
  readonly content: readonly unknown[];
}

/**
 * Undefined when no committed response of the attempt has a call with this id. The execution's own response comes first:
 * one that was bought again may use an id twice.
 */
export async function askingTurn(
  database: Database,
  attemptOf: Pick<CallPlace, "threadId" | "executionId" | "taskId" | "attempt">,
  toolUseId: string,
): Promise<AskingTurn | undefined> {
  const { threadId, executionId, taskId, attempt } = attemptOf;
  const { rows } = await database.pool.query<AskingTurn>(
    `SELECT id::text AS "callId", turn, response->'content' AS "content" FROM claude_calls
     WHERE thread_id = $1 AND phase = 'agents' AND task_id = $2 AND attempt = $3 AND status = 'committed'
       AND response::jsonb->'content' @> $4
     ORDER BY execution_id IS NOT DISTINCT FROM $5 DESC, id DESC LIMIT 1`,
    [threadId, taskId, attempt, toJsonb([{ type: "tool_use", id: toolUseId }]), executionId],
  );
  return rows[0];
}
