import type { Database } from "../../../src/postgres/database.ts";
import { toText } from "../../../src/postgres/storable.ts";

export interface Note {
  readonly id: string;
  readonly text: string;
}

/** Notes something about a thread. */
export async function addNote(database: Database, threadId: string, text: string): Promise<void> {
  await database.pool.query("INSERT INTO notes (thread_id, text) VALUES ($1, $2)", [threadId, toText(text)]);
}

/** What is noted about a thread, oldest first. */
export async function notesOf(database: Database, threadId: string): Promise<Note[]> {
  const { rows } = await database.pool.query<Note>(
    `SELECT id::text AS "id", text FROM notes WHERE thread_id = $1 ORDER BY id`,
    [threadId],
  );
  return rows;
}
