import type { Json } from "../domain/json.ts";
import type { Database } from "./database.ts";

/** A request with all that is known of it, for those who look back as well as for those who answer. */
export interface RequestListRow {
  readonly id: string;
  readonly thread: string;
  readonly kind: string;
  readonly task: string | null;
  readonly summary: string;
  readonly payload: Json;
  readonly status: "open" | "answered" | "withdrawn";
  readonly answer: Json | null;
  readonly askedAt: string;
  readonly answeredAt: string | null;
  /** `user@host`, or whatever is known of who answered. */
  readonly answeredBy: string | null;
  /** When it is answered by default, if ever. */
  readonly deadline: string | null;
}

const COLUMNS = `id, thread_id AS "thread", kind, task_id AS "task", summary, payload, status, answer,
  to_json(asked_at) #>> '{}' AS "askedAt", to_json(answered_at) #>> '{}' AS "answeredAt",
  answered_by AS "answeredBy", to_json(deadline_at) #>> '{}' AS "deadline"`;

/** Requests in one list at most. */
const MOST = 500;

/** What waits for a human in all threads, oldest first. */
export async function openRequestRows(database: Database): Promise<RequestListRow[]> {
  const { rows } = await database.pool.query<RequestListRow>(
    `SELECT ${COLUMNS} FROM requests WHERE status = 'open' ORDER BY asked_at, id LIMIT ${MOST}`,
  );
  return rows;
}

/** What waits for a human, and those of these requests that do not any more. */
export async function changingRequests(
  database: Database,
  ids: readonly string[],
): Promise<RequestListRow[]> {
  const { rows } = await database.pool.query<RequestListRow>(
    `SELECT ${COLUMNS} FROM requests WHERE status = 'open'
     UNION ALL SELECT ${COLUMNS} FROM requests WHERE id = ANY($1) AND status <> 'open'`,
    [ids],
  );
  return rows;
}

/** All that a thread asked: what waits, and then the rest, newest first. */
export async function requestRowsOf(database: Database, threadId: string): Promise<RequestListRow[]> {
  const { rows } = await database.pool.query<RequestListRow>(
    `SELECT ${COLUMNS} FROM requests WHERE thread_id = $1
     ORDER BY status <> 'open', asked_at DESC, id LIMIT ${MOST}`,
    [threadId],
  );
  return rows;
}

export async function findRequestRow(database: Database, id: string): Promise<RequestListRow | undefined> {
  const { rows } = await database.pool.query<RequestListRow>(
    `SELECT ${COLUMNS} FROM requests WHERE id = $1`,
    [id],
  );
  return rows[0];
}
