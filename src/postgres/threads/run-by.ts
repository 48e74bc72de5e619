import type { Database } from "../database.ts";
import { statusOf } from "./standing.ts";

/** The stopped threads that this server ran. */
export async function stoppedThreadsOf(database: Database, server: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `SELECT thread_id AS "id" FROM threads
     WHERE run_by = $1 AND status = 'running' AND ${statusOf("threads")} = 'stopped' ORDER BY created_at`,
    [server],
  );
  return rows.map(({ id }) => id);
}

/** Keeps servers from continuing a thread, because a person stopped it. */
export async function leaveStopped(database: Database, threadId: string): Promise<void> {
  await database.pool.query("UPDATE threads SET run_by = NULL WHERE thread_id = $1", [threadId]);
}
