import type { Json } from "../domain/json.ts";
import type { ToolCall, ToolCallRow } from "../domain/tool-call.ts";
import { EXECUTIONS_OF_TASK, type TaskOfNode } from "./claude-calls/calls.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** The turn of a task whose response has tool calls. */
export interface ToolTurn {
  readonly threadId: string;
  readonly executionId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly turn: number;
}

/** The Claude call whose response asked for tools: its row in the ledger, and its turn. */
export interface AskingCall extends ToolTurn {
  readonly callId: string;
}

/** A tool call of the model. */
export type NewToolCall = Pick<ToolCall, "position" | "toolUseId" | "name" | "input">;

/** Columns of a call; `input` and `shown` are SQL expressions. */
const columns = (input: string, shown: string) => `id::text AS "id", attempt, turn, position,
  tool_use_id AS "toolUseId", name, ${input} AS "input", status, ${shown} AS "shown",
  coalesce(is_error, false) AS "isError", to_json(started_at) #>> '{}' AS "startedAt",
  round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "ms"`;

const CALL = `${columns("input", "coalesce(shown, result)")}, decision`;

/** Characters of a call's input, and of its shown result, in a list. */
const TEXT_CHARACTERS = 20_000;
const ROW = columns(
  `left(input::text, ${TEXT_CHARACTERS})`,
  `left(coalesce(shown, result), ${TEXT_CHARACTERS})`,
);

/** The tool calls of a response that are recorded, in their order. */
export async function toolCallsOf(database: Database, { callId }: AskingCall): Promise<ToolCall[]> {
  const { rows } = await database.pool.query<ToolCall>({
    name: "tool-calls-of-call",
    text: `SELECT ${CALL} FROM tool_calls WHERE call_id = $1 ORDER BY position`,
    values: [callId],
  });
  return rows;
}

/** The response that asked in a turn: this execution's own, else the one that it replays, which is another's. */
const ASKED_IN_TURN = `call_id = (SELECT call_id FROM tool_calls
    WHERE thread_id = $1 AND task_id = $2 AND attempt = $3 AND turn = $4 AND call_id IS NOT NULL
    ORDER BY execution_id = $5 DESC, call_id DESC LIMIT 1)`;

function keyOf({ threadId, taskId, attempt, turn, executionId }: ToolTurn): unknown[] {
  return [threadId, taskId, attempt, turn, executionId];
}

/** The tool calls of a task in all its executions, oldest first. */
export async function toolCallsOfTask(
  database: Database,
  { threadId, taskId, node }: TaskOfNode,
): Promise<ToolCallRow[]> {
  const { rows } = await database.pool.query<ToolCallRow>(
    `SELECT ${ROW} FROM tool_calls
     WHERE thread_id = $1 AND task_id = $2 AND execution_id IN ${EXECUTIONS_OF_TASK}
     ORDER BY attempt, turn, position, id`,
    [threadId, taskId, node],
  );
  return rows;
}

/** Records calls that need a human's decision. Existing rows stay unchanged. */
export async function askForToolCalls(
  database: Database,
  turn: AskingCall,
  calls: readonly NewToolCall[],
): Promise<void> {
  await database.pool.query(
    `INSERT INTO tool_calls (thread_id, task_id, attempt, turn, execution_id, call_id, position, tool_use_id, name, input,
       status)
     SELECT $1, $2, $3, $4, $5, $6, c.position, c."toolUseId", c.name, c.input, 'asked'
     FROM jsonb_to_recordset($7) AS c (position int, "toolUseId" text, name text, input jsonb)
     ON CONFLICT DO NOTHING`,
    [...keyOf(turn), turn.callId, toJsonb(calls)],
  );
}

/** The calls of a turn that wait for a human's decision. */
export async function askedToolCalls(database: Database, turn: ToolTurn): Promise<ToolCall[]> {
  const { rows } = await database.pool.query<ToolCall>(
    `SELECT ${CALL} FROM tool_calls
     WHERE ${ASKED_IN_TURN} AND status = 'asked' AND decision IS NULL ORDER BY position`,
    keyOf(turn),
  );
  return rows;
}

/** Records a human's decision about a call. The first decision wins. */
export async function decideToolCall(
  database: Database,
  turn: ToolTurn,
  toolUseId: string,
  decision: Json,
): Promise<void> {
  await database.pool.query(
    `UPDATE tool_calls SET decision = $7
     WHERE ${ASKED_IN_TURN} AND tool_use_id = $6 AND status = 'asked' AND decision IS NULL`,
    [...keyOf(turn), toText(toolUseId), toJsonb(decision)],
  );
}

/** Records the start of a call, before it runs. */
export async function beginToolCall(
  database: Database,
  turn: AskingCall,
  { position, toolUseId, name, input }: NewToolCall,
): Promise<void> {
  await database.pool.query({
    name: "begin-tool-call",
    text: `INSERT INTO tool_calls (thread_id, task_id, attempt, turn, execution_id, call_id, position, tool_use_id, name,
       input, status, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'running', clock_timestamp())
     ON CONFLICT (call_id, position) DO UPDATE SET status = 'running', started_at = clock_timestamp()`,
    values: [...keyOf(turn), turn.callId, position, toText(toolUseId), toText(name), toJsonb(input)],
  });
}

/** The end of a call. `shown` is the part of the result that the model sees; null for all of it. */
export interface ToolCallEnd {
  readonly status: "done" | "failed" | "rejected";
  readonly result: string;
  readonly shown: string | null;
  readonly isError: boolean;
}

/** Records a call's result, before anything else uses it. Its texts are well formed. */
export async function endToolCall(
  database: Database,
  { callId }: AskingCall,
  position: number,
  { status, result, shown, isError }: ToolCallEnd,
): Promise<void> {
  await database.pool.query({
    name: "end-tool-call",
    text: `UPDATE tool_calls SET status = $3, result = $4, shown = $5, is_error = $6, ended_at = clock_timestamp()
     WHERE call_id = $1 AND position = $2`,
    values: [callId, position, status, toText(result), toText(shown), isError],
  });
}

/** A piece of a result, and the length of the whole result in characters. */
export interface ResultPiece {
  readonly text: string;
  readonly length: number;
}

/** A call's name for the model: its place in the task. Some servers repeat the ids of calls. */
export function placeName({ attempt, turn }: ToolTurn, position: number): string {
  return `${attempt}.${turn}.${position}`;
}

/**
 * A piece of the result of a task's call; undefined when there is no such result. The execution's own call comes first, then
 * the one that it replays.
 *
 * @param name - the call's place. Texts of earlier versions name a call by its `tool_use` id.
 */
export async function toolResultPiece(
  database: Database,
  { threadId, taskId, executionId }: Pick<ToolTurn, "threadId" | "taskId" | "executionId">,
  name: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<ResultPiece | undefined> {
  const { rows } = await database.pool.query<ResultPiece>(
    `SELECT substr(result, $4 + 1, $5) AS "text", length(result) AS "length" FROM tool_calls
     WHERE thread_id = $1 AND task_id = $2 AND $3 IN (concat_ws('.', attempt, turn, position), tool_use_id)
       AND result IS NOT NULL
     ORDER BY tool_use_id <> $3 DESC, execution_id = $6 DESC, id DESC LIMIT 1`,
    [threadId, taskId, toText(name), offset, limit, executionId],
  );
  return rows[0];
}
