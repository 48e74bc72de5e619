import { type LaneSpan, numberLanes } from "../../domain/lanes.ts";
import type { TaskRecord, TaskRow } from "../../domain/task-record.ts";
import { TOKENS } from "../claude-calls/calls.ts";
import type { Database } from "../database.ts";
import { tasksThatCount } from "./branch.ts";

/** Characters of a summary or an error in a list. */
const LINE_CHARACTERS = 500;

/** The columns of a list of tasks, and its texts, which are cut. */
const ROW = `a.task_id AS "id", node AS "execution", coalesce(agent_type, '') AS "agent",
  coalesce(description, '') AS "description", status, coalesce(wave, 0) AS "wave", depends_on AS "dependsOn",
  claimed_by AS "claimedBy", coalesce(model, requested_model) AS "model", attempts, escalated, ${TOKENS} AS "tokens",
  coalesce(cost, 0) AS "costUsd", to_json(started_at) #>> '{}' AS "startedAt", to_json(ended_at) #>> '{}' AS "endedAt",
  round(extract(epoch FROM ended_at - started_at) * 1000)::float8 AS "ms", emotional_state AS "emotionalState"`;
const LINES = `left(result->>'summary', ${LINE_CHARACTERS}) AS "summary", left(error, ${LINE_CHARACTERS}) AS "error"`;

/** The whole texts, and the columns that a list omits. */
type TaskTexts = Pick<TaskRecord, "prompt" | "summary" | "output" | "confidence" | "error">;
const TEXTS = `coalesce(prompt, '') AS "prompt", result->>'summary' AS "summary", result->>'output' AS "output",
  (result->>'confidence')::float8 AS "confidence", error`;

/** The current tasks of thread $1 with their cost, in the order of executions and plans. */
const FROM_TASKS = `FROM agent_coordination a LEFT JOIN (
    SELECT execution_id, task_id, sum(cost_usd)::float8 AS cost, sum(input_tokens)::float8 AS input,
      sum(output_tokens)::float8 AS output, sum(cache_read_tokens)::float8 AS "cacheRead",
      sum(cache_write_tokens)::float8 AS "cacheWrite"
    FROM claude_calls WHERE thread_id = $1 AND phase = 'agents' GROUP BY execution_id, task_id
  ) used USING (execution_id, task_id)
  WHERE a.id IN ${tasksThatCount("$1::uuid")} ORDER BY a.id`;

type Claimed<Task> = Omit<Task, "lane"> & { readonly claimedBy: string | null };

/** The tasks of a thread's current branch, in the order of executions and plans. */
export async function listTasks(database: Database, threadId: string): Promise<TaskRow[]> {
  const { rows } = await database.pool.query<Claimed<TaskRow>>({
    name: "list-tasks",
    text: `SELECT ${ROW}, ${LINES} ${FROM_TASKS}`,
    values: [threadId],
  });
  return withLanes(rows);
}

/** The same tasks with their whole texts. */
export async function taskRecords(database: Database, threadId: string): Promise<TaskRecord[]> {
  const { rows } = await database.pool.query<Claimed<TaskRecord>>(`SELECT ${ROW}, ${TEXTS} ${FROM_TASKS}`, [
    threadId,
  ]);
  return withLanes(rows);
}

/** Adds lane numbers, which depend on the times of all tasks. */
function withLanes<Row extends LaneSpan>(rows: readonly Row[]) {
  const lanes = numberLanes(rows);
  return rows.map(({ claimedBy, ...row }) => ({ ...row, lane: lanes.get(claimedBy ?? "") ?? null }));
}

/** The name of a current task. */
export interface TaskName {
  readonly threadId: string;
  readonly taskId: string;
  /** The node that runs it; default: the first with a task of this id. */
  readonly execution?: string | undefined;
}

/** The task with its whole texts, and the id of its execution; undefined when there is none. */
export async function findTask(
  database: Database,
  { threadId, taskId, execution }: TaskName,
): Promise<{ readonly task: TaskRecord; readonly executionId: string } | undefined> {
  const isIt = (one: TaskRow) => one.id === taskId && (execution ?? one.execution) === one.execution;
  const row = (await listTasks(database, threadId)).find(isIt);
  if (!row) return undefined;
  const { rows } = await database.pool.query<TaskTexts & { executionId: string }>(
    `SELECT execution_id AS "executionId", ${TEXTS} FROM agent_coordination
     WHERE id IN ${tasksThatCount("$1::uuid")} AND task_id = $2 AND node IS NOT DISTINCT FROM $3::text`,
    [threadId, taskId, row.execution],
  );
  const [found] = rows;
  if (!found) return undefined;
  const { executionId, ...texts } = found;
  return { executionId, task: { ...row, ...texts } };
}
