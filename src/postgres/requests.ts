import { UsageError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import type { RequestKind } from "../core/requests.ts";
import type { Database } from "./database.ts";
import { toJsonb, toText } from "./storable.ts";

/** A question to a human. Its id is ours and stays the same over restarts and forks of the same question. */
export interface HumanRequest {
  readonly id: string;
  readonly threadId: string;
  readonly kind: RequestKind;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Json;
  readonly answer: Json | null;
  readonly askedAt: string;
}

const COLUMNS = `id, thread_id AS "threadId", kind, task_id AS "taskId", summary, payload, answer,
  to_json(asked_at) #>> '{}' AS "askedAt"`;

export type NewRequest = Omit<HumanRequest, "answer" | "askedAt">;

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

/** Records the answer if there is none yet; the first one wins. Returns the answer that stands. */
export async function answerRequest(database: Database, id: string, answer: Json): Promise<Json> {
  const { rows } = await database.pool.query<{ answer: Json }>(
    `UPDATE requests SET status = 'answered', answer = $2, answered_at = clock_timestamp()
     WHERE id = $1 AND status = 'open' RETURNING answer`,
    [id, toJsonb(answer)],
  );
  const given = rows[0] ?? (await getRequest(database, id));
  return given.answer;
}

/** @throws UsageError when there is no such request. */
export async function getRequest(database: Database, id: string): Promise<HumanRequest & { status: string }> {
  const { rows } = await database.pool.query<HumanRequest & { status: string }>(
    `SELECT ${COLUMNS}, status FROM requests WHERE id = $1`,
    [id],
  );
  const row = rows[0];
  if (!row) throw unknownRequest(id);
  return row;
}

function unknownRequest(id: string): UsageError {
  return new UsageError(`There is no request "${id}": "inbox" shows those that wait.`);
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

/** Takes back what a thread still asks: it has ended another way. */
export async function withdrawRequests(database: Database, threadId: string): Promise<void> {
  await database.pool.query(
    `UPDATE requests SET status = 'withdrawn' WHERE thread_id = $1 AND status = 'open'`,
    [threadId],
  );
}
