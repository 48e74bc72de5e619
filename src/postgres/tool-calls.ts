import type { Json } from "../domain/json.ts";
import type { ToolCall, ToolCallRow } from "../domain/tool-call.ts";
import { EXECUTIONS_OF_TASK, type TaskOfNode } from "./claude-calls/calls.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** The turn of a task whose response asked for tools. */
export interface ToolTurn {
  readonly threadId: string;
  readonly executionId: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly turn: number;
}

/** A call as the model asked for it. */
export type NewToolCall = Pick<ToolCall, "position" | "toolUseId" | "name" | "input">;

/** Columns of a call; `input` and `shown` are SQL expressions. */
const columns = (input: string, shown: string) => `id::text AS "id", attempt, turn, position,
  tool_use_id AS "toolUseId", name, ${input} AS "input", status, ${shown} AS "shown",
  coalesce(is_error, false) AS "isError", to_json(started_at) #>> '{}' AS "startedAt",
  round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "ms"`;

const CALL = `${columns("input", "coalesce(shown, result)")}, decision`;

/** Characters of a call's input, and of what is shown of its result, in a list. */
const TEXT_CHARACTERS = 20_000;
const ROW = columns(
  `left(input::text, ${TEXT_CHARACTERS})`,
  `left(coalesce(shown, result), ${TEXT_CHARACTERS})`,
);

const OF_TURN = "thread_id = $1 AND task_id = $2 AND attempt = $3 AND turn = $4";

/** The calls of a turn that are recorded, in their order. */
export async function toolCallsOf(database: Database, turn: ToolTurn): Promise<ToolCall[]> {
  const { rows } = await database.pool.query<ToolCall>({
    name: "tool-calls-of-turn",
    text: `SELECT ${CALL} FROM tool_calls WHERE ${OF_TURN} ORDER BY position`,
    values: keyOf(turn),
  });
  return rows;
}

function keyOf({ threadId, taskId, attempt, turn }: ToolTurn): unknown[] {
  return [threadId, taskId, attempt, turn];
}

/** The tool calls made for a task in all its executions, oldest first. */
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

/** Records calls which a human must be asked about; one that is recorded already stays as it is. */
export async function askForToolCalls(
  database: Database,
  turn: ToolTurn,
  calls: readonly NewToolCall[],
): Promise<void> {
  await database.pool.query(
    `INSERT INTO tool_calls (thread_id, task_id, attempt, turn, execution_id, position, tool_use_id, name, input, status)
     SELECT $1, $2, $3, $4, $5, c.position, c."toolUseId", c.name, c.input, 'asked'
     FROM jsonb_to_recordset($6) AS c (position int, "toolUseId" text, name text, input jsonb)
     ON CONFLICT DO NOTHING`,
    [...keyOf(turn), turn.executionId, toJsonb(calls)],
  );
}

/** The calls of a turn that wait for a human's decision. */
export async function askedToolCalls(database: Database, turn: ToolTurn): Promise<ToolCall[]> {
  const { rows } = await database.pool.query<ToolCall>(
    `SELECT ${CALL} FROM tool_calls WHERE ${OF_TURN} AND status = 'asked' AND decision IS NULL ORDER BY position`,
    keyOf(turn),
  );
  return rows;
}

/** Keeps a human's decision about a call; the first one stands. */
export async function decideToolCall(
  database: Database,
  turn: ToolTurn,
  toolUseId: string,
  decision: Json,
): Promise<void> {
  await database.pool.query(
    `UPDATE tool_calls SET decision = $6
     WHERE ${OF_TURN} AND tool_use_id = $5 AND status = 'asked' AND decision IS NULL`,
    [...keyOf(turn), toText(toolUseId), toJsonb(decision)],
  );
}

/** Records that a call is being run, before it is. */
export async function beginToolCall(database: Database, turn: ToolTurn, call: NewToolCall): Promise<void> {
  const { position, toolUseId, name, input } = call;
  await database.pool.query({
    name: "begin-tool-call",
    text: `INSERT INTO tool_calls (thread_id, task_id, attempt, turn, execution_id, position, tool_use_id, name, input,
       status, started_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'running', clock_timestamp())
     ON CONFLICT (thread_id, task_id, attempt, turn, tool_use_id)
     DO UPDATE SET status = 'running', started_at = clock_timestamp()`,
    values: [...keyOf(turn), turn.executionId, position, toText(toolUseId), toText(name), toJsonb(input)],
  });
}

/** How a call ended. `shown` is what the model is shown of the result; null for all of it. */
export interface ToolCallEnd {
  readonly status: "done" | "failed" | "rejected";
  readonly result: string;
  readonly shown: string | null;
  readonly isError: boolean;
}

/**
 * Records a call's result, before anything else is done with it.
 *
 * @returns what the model is shown, as the row has it: what Postgres cannot hold is replaced.
 */
export async function endToolCall(
  database: Database,
  turn: ToolTurn,
  toolUseId: string,
  { status, result, shown, isError }: ToolCallEnd,
): Promise<string> {
  const { rows } = await database.pool.query<{ shown: string }>({
    name: "end-tool-call",
    text: `UPDATE tool_calls SET status = $6, result = $7, shown = $8, is_error = $9, ended_at = clock_timestamp()
     WHERE ${OF_TURN} AND tool_use_id = $5 RETURNING coalesce(shown, result) AS "shown"`,
    values: [...keyOf(turn), toText(toolUseId), status, toText(result), toText(shown), isError],
  });
  return rows[0]?.shown ?? "";
}

/** A piece of a whole result, counted in characters, and how long it is. */
export interface ResultPiece {
  readonly text: string;
  readonly length: number;
}

/** A piece of the result of one of a task's calls, or undefined when there is no such call with a result. */
export async function toolResultPiece(
  database: Database,
  { threadId, taskId }: Pick<ToolTurn, "threadId" | "taskId">,
  toolUseId: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<ResultPiece | undefined> {
  const { rows } = await database.pool.query<ResultPiece>(
    `SELECT substr(result, $4 + 1, $5) AS "text", length(result) AS "length" FROM tool_calls
     WHERE thread_id = $1 AND task_id = $2 AND tool_use_id = $3 AND result IS NOT NULL ORDER BY id DESC LIMIT 1`,
    [threadId, taskId, toText(toolUseId), offset, limit],
  );
  return rows[0];
}
