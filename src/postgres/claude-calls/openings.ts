import { createHash } from "node:crypto";
import type { Phase } from "../../domain/event.ts";
import type { Database } from "../database.ts";

/** Where a call stands: which turn of which attempt, in one execution. */
export interface CallPlace {
  readonly threadId: string;
  readonly phase: Phase;
  readonly executionId: string | null;
  readonly taskId: string;
  readonly attempt: number;
  readonly turn: number;
}

/** What a conversation is opened with, as texts by name. They are well formed: Postgres keeps them to the byte. */
export type Opening = Readonly<Record<string, string>>;

/** A text and its hash. */
export interface RecordedText {
  readonly hash: string;
  readonly body: string;
}

/** An opening as its row has it, and the texts to be written with it. */
export interface OpeningRow {
  readonly names: Readonly<Record<string, string>>;
  readonly texts: readonly RecordedText[];
}

export function openingRow(opening: Opening): OpeningRow {
  const texts = Object.values(opening).map((body) => ({ hash: hashOf(body), body }));
  const names = Object.fromEntries(
    Object.keys(opening).map((name, index) => [name, texts[index]?.hash ?? ""]),
  );
  return { names, texts };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * What the conversation at this place was opened with, in this execution; undefined when it has not begun. The first call
 * that was reserved decides.
 */
export async function openingAt(database: Database, place: CallPlace): Promise<Opening | undefined> {
  const { threadId, phase, executionId, taskId, attempt, turn } = place;
  const { rows } = await database.pool.query<{ opening: Opening }>({
    name: "opening-at",
    text: `SELECT (SELECT jsonb_object_agg(named.key, t.body) FROM jsonb_each_text(c.opening) named
         JOIN request_texts t ON t.thread_id = c.thread_id AND t.hash = named.value) AS "opening"
     FROM claude_calls c
     WHERE thread_id = $1 AND phase = $2 AND task_id = $3 AND attempt = $4 AND turn = $5
       AND execution_id IS NOT DISTINCT FROM $6 AND opening IS NOT NULL
       AND id > (SELECT replay_after FROM threads t WHERE t.thread_id = $1)
     ORDER BY id LIMIT 1`,
    values: [threadId, phase, taskId, attempt, turn, executionId],
  });
  return rows[0]?.opening;
}
