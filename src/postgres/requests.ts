import { UsageError } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { Answerer, HumanRequest } from "../domain/request.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

const COLUMNS = `id, thread_id AS "threadId", kind, task_id AS "taskId", summary, payload, status,
  to_json(asked_at) #>> '{}' AS "askedAt", answer, answered_by AS "answeredBy", answered_via AS "answeredVia",
  to_json(answered_at) #>> '{}' AS "answeredAt", to_json(deadline_at) #>> '{}' AS "deadlineAt",
  default_answer AS "defaultAnswer"`;

/** A deadline in seconds, and the default answer. */
export interface NewDeadline {
  readonly seconds: number;
  readonly answer: Json;
}

export interface NewRequest
  extends Pick<HumanRequest, "id" | "threadId" | "kind" | "taskId" | "summary" | "payload"> {
  readonly deadline?: NewDeadline | undefined;
}

/** The value of a column when a request is asked again: `reopened` after a withdrawal, else unchanged. */
function unlessWithdrawn(column: string, reopened: string): string {
  return `CASE WHEN requests.status = 'withdrawn' THEN ${reopened} ELSE requests.${column} END`;
}

/**
 * Asks a request. Idempotent by id: an existing row is returned with its answer. A withdrawn request is opened again: its
 * thread was forked at an earlier checkpoint.
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

/** Records a request together with its answer. Idempotent. */
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

/** An answer to a request. */
export interface NewAnswer {
  readonly requestId: string;
  readonly answer: Json;
}

/**
 * Records answers, all or none. The first answer to a request wins: nothing is recorded when one of the requests has another
 * answer or is withdrawn. The same answer again changes nothing.
 *
 * @returns the ids of those requests; empty after success.
 */
export async function answerRequests(
  database: Database,
  answers: readonly NewAnswer[],
  { by, via }: Answerer,
): Promise<string[]> {
  // Rows are locked in the order of their ids, so that two statements for the same rows cannot deadlock.
  const { rows } = await database.pool.query<{ id: string }>(
    `WITH given AS (
       SELECT "requestId" AS id, answer FROM jsonb_to_recordset($1) AS g("requestId" text, answer jsonb)
     ), locked AS (
       SELECT r.id, r.status, r.answer FROM requests r WHERE r.id IN (SELECT id FROM given) ORDER BY r.id FOR UPDATE
     ), conflicts AS (
       SELECT g.id FROM given g LEFT JOIN locked l ON l.id = g.id
       WHERE l.status IS NULL OR (l.status <> 'open' AND l.answer IS DISTINCT FROM g.answer)
     ), recorded AS (
       UPDATE requests r SET status = 'answered', answer = g.answer, answered_at = clock_timestamp(),
         answered_by = $2, answered_via = $3
       FROM given g WHERE r.id = g.id AND r.status = 'open' AND NOT EXISTS (SELECT FROM conflicts)
     )
     SELECT id FROM conflicts ORDER BY id`,
    [toJsonb(answers), by && toText(by), via],
  );
  return rows.map(({ id }) => id);
}

/** The requests with these ids, oldest first. */
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
  if (!row) throw new UsageError(`There is no request "${id}": "inbox" shows the open ones.`);
  return row;
}

/** The open requests of one thread or of all, oldest first. */
export async function openRequests(database: Database, threadId?: string): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests
     WHERE status = 'open' AND ($1::uuid IS NULL OR thread_id = $1) ORDER BY asked_at, id`,
    [threadId ?? null],
  );
  return rows;
}

/** The requests of a thread: open ones first, then the others, newest first; 500 at most. */
export async function requestsOf(database: Database, threadId: string): Promise<HumanRequest[]> {
  const { rows } = await database.pool.query<HumanRequest>(
    `SELECT ${COLUMNS} FROM requests WHERE thread_id = $1 ORDER BY status <> 'open', asked_at DESC, id LIMIT 500`,
    [threadId],
  );
  return rows;
}

/** The latest `limit` requests of one thread or of all, in every status, oldest first. */
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
 * Answers the requests that are past their deadline, by the database's clock, with their default answer. Every run of a thread
 * and every read of requests calls this first.
 */
export async function answerDue(database: Database): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'answered', answer = default_answer, answered_at = clock_timestamp(),
       answered_via = 'deadline'
     WHERE status = 'open' AND deadline_at <= clock_timestamp()`,
  );
}

/** Reopens requests with unusable answers. Removes the deadline, because its default answer may be the unusable one. */
export async function reopenRequests(database: Database, ids: readonly string[]): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'open', answer = NULL, answered_at = NULL, answered_by = NULL, answered_via = NULL,
       deadline_at = NULL, default_answer = NULL
     WHERE id = ANY($1) AND status = 'answered'`,
    [ids],
  );
}

/** Withdraws a thread's open requests, except these, because it has ended or was forked. */
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
