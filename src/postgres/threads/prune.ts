import type { Database } from "../database.ts";
import { runLockKey } from "../lock-statements.ts";
import { TABLES } from "../tables.ts";

/** The number of deleted threads, and of old ones that are kept. */
export interface Pruned {
  readonly deleted: number;
  /** Old threads that wait for a human. */
  readonly waiting: number;
  /** Old threads that a process runs now. */
  readonly running: number;
}

/** The most threads in one DELETE statement. */
const BATCH_SIZE = 100;

/**
 * Deletes old threads with everything they own. Keeps threads that wait for a human, and running ones: it takes a thread's
 * lock before it deletes it.
 *
 * @param olderThanSeconds - the time since the last change, by the database's clock.
 * @param dryRun - counts only.
 * @param onDeleted - receives the ids of the deleted threads.
 */
export async function pruneThreads(
  database: Database,
  olderThanSeconds: number,
  dryRun = false,
  onDeleted: (threadIds: readonly string[]) => Promise<void> = async () => undefined,
): Promise<Pruned> {
  const { rows } = await database.pool.query<{ id: string; waits: boolean }>(
    `SELECT thread_id AS "id", status = 'waiting' OR EXISTS (
       SELECT FROM requests r WHERE r.thread_id = t.thread_id AND r.status = 'open') AS "waits"
     FROM threads t WHERE updated_at < clock_timestamp() - make_interval(secs => $1) ORDER BY updated_at`,
    [olderThanSeconds],
  );
  const old = rows.filter((row) => !row.waits).map((row) => row.id);
  const waiting = rows.length - old.length;
  let deleted = 0;
  for (let first = 0; first < old.length; first += BATCH_SIZE) {
    const ids = old.slice(first, first + BATCH_SIZE);
    const gone = dryRun ? ids : await deleteUnlocked(database, ids, olderThanSeconds);
    if (!dryRun) await onDeleted(gone);
    deleted += gone.length;
  }
  return { deleted, waiting, running: old.length - deleted };
}

/** Deletes the threads that are not running and have not changed meanwhile, with everything they own. */
async function deleteUnlocked(
  database: Database,
  ids: readonly string[],
  olderThanSeconds: number,
): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `WITH free AS (
       SELECT thread_id FROM threads
       WHERE thread_id = ANY($1::uuid[]) AND status <> 'waiting'
         AND updated_at < clock_timestamp() - make_interval(secs => $2)
         AND pg_try_advisory_xact_lock(${runLockKey("thread_id")})
       FOR UPDATE SKIP LOCKED
     )${CHECKPOINTS_GONE}
     DELETE FROM threads t USING free WHERE t.thread_id = free.thread_id RETURNING t.thread_id AS "id"`,
    [ids, olderThanSeconds],
  );
  return rows.map(({ id }) => id);
}

/** Deletes a thread with everything it owns, whatever its status. The caller holds the thread's lock. */
export async function deleteThread(database: Database, id: string): Promise<void> {
  await database.pool.query(
    `WITH free AS (SELECT thread_id FROM threads WHERE thread_id = $1 FOR UPDATE)${CHECKPOINTS_GONE}
     DELETE FROM threads t USING free WHERE t.thread_id = free.thread_id`,
    [id],
  );
}

/** LangGraph's tables have no foreign key to threads, so the same statement deletes their rows. */
const CHECKPOINTS_GONE = TABLES.filter(({ isLangGraphs }) => isLangGraphs)
  .map(
    ({ name }) => `, ${name}_gone AS (
       DELETE FROM ${name} c USING free WHERE c.thread_id = free.thread_id::text)`,
  )
  .join("");
