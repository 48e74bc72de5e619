import type { Database } from "../database.ts";
import { runLockKey } from "../lock-statements.ts";
import { TABLES } from "../tables.ts";

/** What there is to prune, and what is kept although it is old. */
export interface Pruned {
  readonly deleted: number;
  /** Old threads that wait for a human. */
  readonly waiting: number;
  /** Old threads that some process runs right now. */
  readonly running: number;
}

/** Threads deleted in one statement at most. */
const AT_ONCE = 100;

/**
 * Deletes threads that nothing has happened to for so long, with everything they own. Never one that waits for a
 * human, nor one that is being run: its lock is taken before it is deleted.
 *
 * @param olderThanSeconds - by the database's clock.
 * @param dryRun - only counts.
 * @param onDeleted - told which threads are gone now.
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
  for (let first = 0; first < old.length; first += AT_ONCE) {
    const ids = old.slice(first, first + AT_ONCE);
    const gone = dryRun ? ids : await deleteUnlocked(database, ids, olderThanSeconds);
    if (!dryRun) await onDeleted(gone);
    deleted += gone.length;
  }
  return { deleted, waiting, running: old.length - deleted };
}

/** Deletes those of the threads that nobody runs and nothing has happened to meanwhile: all that they own goes with them. */
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

/** LangGraph's tables cannot point to threads: their rows are deleted by name, in the same statement. */
const CHECKPOINTS_GONE = TABLES.filter(({ isLangGraphs }) => isLangGraphs)
  .map(
    ({ name }) => `, ${name}_gone AS (
       DELETE FROM ${name} c USING free WHERE c.thread_id = free.thread_id::text)`,
  )
  .join("");
