import { UsageError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { Answerer, AnswerWay, RequestKind } from "../core/request-kinds.ts";
import type { Execution } from "./coordination.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** `withdrawn`: its thread has ended another way. */
export type RequestStatus = "open" | "answered" | "withdrawn";

/**
 * A question to a human and, once there is one, its answer: who gave it, how and when. Its id is ours and stays the
 * same over restarts, whatever LangGraph's interrupt id does. Instants are ISO 8601.
 */
export interface HumanRequest {
  readonly id: string;
  readonly threadId: string;
  readonly kind: RequestKind;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Json;
  readonly status: RequestStatus;
  readonly askedAt: string;
  readonly answer: Json | null;
  readonly answeredBy: string | null;
  readonly answeredVia: AnswerWay | null;
  readonly answeredAt: string | null;
}

const COLUMNS = `id, thread_id AS "threadId", kind, task_id AS "taskId", summary, payload, status,
  to_json(asked_at) #>> '{}' AS "askedAt", answer, answered_by AS "answeredBy", answered_via AS "answeredVia",
  to_json(answered_at) #>> '{}' AS "answeredAt"`;

export type NewRequest = Pick<HumanRequest, "id" | "threadId" | "kind" | "taskId" | "summary" | "payload">;

/** Asks once: the same id asked again is the row that is there, with the answer it may have by now. */
export async function askHuman(database: Database, request: NewRequest): Promise<HumanRequest> {
  const { id, threadId, kind, taskId, summary, payload } = request;
  const { rows } = await database.pool.query<HumanRequest>(
    `INSERT INTO requests (id, thread_id, kind, task_id, summary, payload) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING ${COLUMNS}`,
    [id, threadId, kind, taskId, toText(summary), toJsonb(payload)],
  );
  const row = rows[0];
  if (!row) throw new Error(`Request ${id} could not be written.`);
  return row;
}

/** A request, or the id of one that is asked already, and waiting tasks that its answer is for. */
export interface TasksAsked {
  readonly request: NewRequest | string;
  readonly taskIds: readonly string[];
}

/** Asks about waiting tasks and notes with each what it is asked about, in one statement: never one without the other. */
export async function askAboutTasks(
  database: Database,
  { threadId, executionId }: Execution,
  asked: readonly TasksAsked[],
): Promise<void> {
  const rows = asked.map(({ request, taskIds: tasks }) => {
    if (typeof request === "string") return { id: request, tasks };
    const { id, kind, taskId, summary, payload } = request;
    return { id, kind, task_id: taskId, summary: toText(summary), payload, tasks };
  });
  await database.pool.query(
    `WITH asked AS (
       SELECT * FROM jsonb_to_recordset($3)
         AS q(id text, kind text, task_id text, summary text, payload jsonb, tasks text[])
     ), written AS (
       INSERT INTO requests (id, thread_id, kind, task_id, summary, payload)
       SELECT id, $1, kind, task_id, summary, payload FROM asked WHERE kind IS NOT NULL
       ON CONFLICT (id) DO NOTHING
     )
     UPDATE agent_coordination a SET request_id = asked.id FROM asked
     WHERE a.session_id = $1 AND a.execution_id = $2 AND a.task_id = ANY(asked.tasks) AND a.status = 'waiting'`,
    [threadId, executionId, toJsonb(rows)],
  );
}

/** A request and what is answered to it. */
export interface NewAnswer {
  readonly requestId: string;
  readonly answer: Json;
}

/**
 * Records answers, all or none: the first answer to a request wins, so none is recorded when one of the requests has
 * another answer already or is withdrawn. The same answer once more changes nothing.
 *
 * @returns the ids of the requests that stood in the way.
 */
export async function answerRequests(
  database: Database,
  answers: readonly NewAnswer[],
  { by, via }: Answerer,
): Promise<string[]> {
  // Rows are locked in the order of their ids, so that two who answer the same ones cannot deadlock.
  const { rows } = await database.pool.query<{ id: string }>(
    `WITH given AS (
       SELECT "requestId" AS id, answer FROM jsonb_to_recordset($1) AS g("requestId" text, answer jsonb)
     ), locked AS (
       SELECT r.id, r.status, r.answer FROM requests r WHERE r.id IN (SELECT id FROM given) ORDER BY r.id FOR UPDATE
     ), in_the_way AS (
       SELECT g.id FROM given g LEFT JOIN locked l ON l.id = g.id
       WHERE l.status IS NULL OR (l.status <> 'open' AND l.answer IS DISTINCT FROM g.answer)
     ), recorded AS (
       UPDATE requests r SET status = 'answered', answer = g.answer, answered_at = clock_timestamp(),
         answered_by = $2, answered_via = $3
       FROM given g WHERE r.id = g.id AND r.status = 'open' AND NOT EXISTS (SELECT FROM in_the_way)
     )
     SELECT id FROM in_the_way ORDER BY id`,
    [toJsonb(answers), by && toText(by), via],
  );
  return rows.map(({ id }) => id);
}

/** Those of the requests that there are, oldest first. */
export async function findRequests(database: Database, ids: readonly string[]): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests WHERE id = ANY($1) ORDER BY asked_at, id`,
    [ids],
  );
  return rows;
}

/** @throws UsageError when there is no such request. */
export async function getRequest(database: Database, id: string): Promise<HumanRequest> {
  const [row] = await findRequests(database, [id]);
  if (!row) throw new UsageError(`There is no request "${id}": "inbox" shows those that wait.`);
  return row;
}

/** What waits for a human, oldest first, of one thread or of all. */
export async function openRequests(database: Database, threadId?: string): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests
     WHERE status = 'open' AND ($1::uuid IS NULL OR thread_id = $1) ORDER BY asked_at, id`,
    [threadId ?? null],
  );
  return rows;
}

/** What humans were asked, whatever came of it, newest first, of one thread or of all. */
export async function listRequests(
  database: Database,
  threadId: string | undefined,
  limit: number,
): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests
     WHERE ($1::uuid IS NULL OR thread_id = $1) ORDER BY asked_at DESC, id LIMIT $2`,
    [threadId ?? null, limit],
  );
  return rows;
}

/** Takes back what a thread still asks: it has ended another way. */
export async function withdrawRequests(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'withdrawn' WHERE thread_id = $1 AND status = 'open'`,
    [threadId],
  );
}
