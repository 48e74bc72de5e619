import { UsageError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { Answerer, AnswerWay } from "../domain/request.ts";
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
  readonly kind: string;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Json;
  readonly status: RequestStatus;
  readonly askedAt: string;
  readonly answer: Json | null;
  readonly answeredBy: string | null;
  readonly answeredVia: AnswerWay | null;
  readonly answeredAt: string | null;
  /** When `defaultAnswer` becomes the answer, if it is still open then. */
  readonly deadlineAt: string | null;
  readonly defaultAnswer: Json | null;
}

const COLUMNS = `id, thread_id AS "threadId", kind, task_id AS "taskId", summary, payload, status,
  to_json(asked_at) #>> '{}' AS "askedAt", answer, answered_by AS "answeredBy", answered_via AS "answeredVia",
  to_json(answered_at) #>> '{}' AS "answeredAt", to_json(deadline_at) #>> '{}' AS "deadlineAt",
  default_answer AS "defaultAnswer"`;

/** What is answered for a human after so many seconds. */
export interface NewDeadline {
  readonly seconds: number;
  readonly answer: Json;
}

export interface NewRequest
  extends Pick<HumanRequest, "id" | "threadId" | "kind" | "taskId" | "summary" | "payload"> {
  readonly deadline?: NewDeadline | undefined;
}

/** A column of a request that is asked again: as it is, but for one that was withdrawn, which is asked anew. */
function unlessWithdrawn(column: string, anew: string): string {
  return `CASE WHEN requests.status = 'withdrawn' THEN ${anew} ELSE requests.${column} END`;
}

/**
 * Asks once: the same id asked again is the row that is there, with the answer it may have by now. One that was withdrawn,
 * because its thread was forked from before it, is open again.
 */
export async function askHuman(database: Database, request: NewRequest): Promise<HumanRequest> {
  const { id, threadId, kind, taskId, summary, payload, deadline } = request;
  const { rows } = await database.pool.query<HumanRequest>(
    `INSERT INTO requests (id, thread_id, kind, task_id, summary, payload, default_answer, deadline_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + $8 * interval '1 second')
     ON CONFLICT (id) DO UPDATE SET
       status = ${unlessWithdrawn("status", "'open'")}, asked_at = ${unlessWithdrawn("asked_at", "EXCLUDED.asked_at")},
       deadline_at = ${unlessWithdrawn("deadline_at", "EXCLUDED.deadline_at")},
       default_answer = ${unlessWithdrawn("default_answer", "EXCLUDED.default_answer")}
     RETURNING ${COLUMNS}`,
    [
      ...[id, threadId, kind, taskId, toText(summary), toJsonb(payload)],
      ...[deadline ? toJsonb(deadline.answer) : null, deadline?.seconds ?? null],
    ],
  );
  const row = rows[0];
  if (!row) throw new Error(`Request ${id} could not be written.`);
  return row;
}

/** A request which is answered as it is asked, for the record. Done twice it changes nothing. */
export async function recordAnswered(
  database: Database,
  request: NewRequest,
  answer: Json,
  { by, via }: Answerer,
): Promise<void> {
  const { id, threadId, kind, taskId, summary, payload } = request;
  await database.pool.query(
    `INSERT INTO requests (id, thread_id, kind, task_id, summary, payload, status, answer, answered_by, answered_via,
       answered_at)
     VALUES ($1, $2, $3, $4, $5, $6, 'answered', $7, $8, $9, clock_timestamp()) ON CONFLICT (id) DO NOTHING`,
    [id, threadId, kind, taskId, toText(summary), toJsonb(payload), toJsonb(answer), by && toText(by), via],
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
  if (!row) throw new UsageError(`There is no request "${id}". "inbox" lists the open ones.`);
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

/** What a thread asked: what waits, and then the rest, newest first; 500 at most. */
export async function requestsOf(database: Database, threadId: string): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests WHERE thread_id = $1 ORDER BY status <> 'open', asked_at DESC, id LIMIT 500`,
    [threadId],
  );
  return rows;
}

/** What humans were asked last, whatever came of it, oldest first, of one thread or of all. */
export async function listRequests(
  database: Database,
  threadId: string | undefined,
  limit: number,
): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests
     WHERE ($1::uuid IS NULL OR thread_id = $1) ORDER BY asked_at DESC, id DESC LIMIT $2`,
    [threadId ?? null, limit],
  );
  return rows.toReversed();
}

/**
 * Gives the requests whose deadline has come their default answer, by the database's clock. Whoever runs a thread or looks
 * at requests does this first.
 */
export async function answerDue(database: Database): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'answered', answer = default_answer, answered_at = clock_timestamp(),
       answered_via = 'deadline'
     WHERE status = 'open' AND deadline_at <= clock_timestamp()`,
  );
}

/** Asks once more what was answered in a way that cannot be used. It has no deadline any more: the default may be just that. */
export async function reopenRequests(database: Database, ids: readonly string[]): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'open', answer = NULL, answered_at = NULL, answered_by = NULL, answered_via = NULL,
       deadline_at = NULL, default_answer = NULL
     WHERE id = ANY($1) AND status = 'answered'`,
    [ids],
  );
}

/** Takes back what a thread still asks, but for these: it has ended, or has gone another way. */
export async function withdrawRequests(
  database: Database,
  threadId: string,
  except: readonly string[] = [],
): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'withdrawn' WHERE thread_id = $1 AND status = 'open' AND NOT id = ANY($2)`,
    [threadId, except],
  );
}
