import type { ClientBase } from "pg";
import type { Database } from "./database.ts";

/** What a lock is for: a thread's one run (slot 0), or one of the ten slots of a thread's agents. */
export type LockName = { readonly threadId: string; readonly slot: number };

// The key covers the schema, so that two installations in one database do not share slots. Slot 0 is the
// thread's run itself.
const lockKey = (slot: string, thread = "$1") =>
  `hashtextextended('decurion:' || current_schema() || ':' || ${thread}::text, ${slot}::bigint)`;
const KEY = lockKey("$2");

/** The key of a thread's one run, for statements about many threads; the thread is an SQL expression. */
export const runLockKey = (thread: string): string => lockKey("0", thread);

/** @internal */
export async function tryLock(client: ClientBase, { threadId, slot }: LockName): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(${KEY}) AS "locked"`,
    [threadId, slot],
  );
  return rows[0]?.locked ?? false;
}

/** @internal */
export async function unlock(client: ClientBase, { threadId, slot }: LockName): Promise<void> {
  await client.query(`SELECT pg_advisory_unlock(${KEY})`, [threadId, slot]);
}

/** Takes the free ones. Each lock is tried once: with a LIMIT the planner might try more than it returns. @internal */
export async function trySlots(
  client: ClientBase,
  threadId: string,
  slots: readonly number[],
): Promise<number[]> {
  const { rows } = await client.query<{ slot: number }>(
    `SELECT slot FROM unnest($2::int[]) AS slot
     WHERE pg_try_advisory_lock(${lockKey("slot")})`,
    [threadId, slots],
  );
  return rows.map((row) => row.slot);
}

/** Raises the epoch of a thread whose lock was just taken. @returns the new one; 0 for a thread that has no row yet. @internal */
export async function raiseEpoch(client: ClientBase, threadId: string): Promise<number> {
  const { rows } = await client.query<Standing>(
    `UPDATE threads SET epoch = epoch + 1 WHERE thread_id = $1 RETURNING epoch::float8 AS "epoch"`,
    [threadId],
  );
  return rows[0]?.epoch ?? 0;
}

interface Standing {
  readonly epoch: number;
  /** Whether a human cancelled the run of this epoch. */
  readonly isCancelled: boolean;
}

/** How a thread stands; a thread without a row is in epoch 0. @internal */
export async function standingOf(client: ClientBase, threadId: string): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `SELECT epoch::float8 AS "epoch", epoch IS NOT DISTINCT FROM cancel_epoch AS "isCancelled" FROM threads WHERE thread_id = $1`,
    [threadId],
  );
  return rows[0] ?? { epoch: 0, isCancelled: false };
}

/** A server process, in all its life. */
export interface Backend {
  readonly pid: number;
  readonly startedAt: string;
}

/** @internal */
export async function backendOf(client: ClientBase): Promise<Backend> {
  const { rows } = await client.query<Backend>(
    `SELECT pid, backend_start::text AS "startedAt" FROM pg_stat_activity WHERE pid = pg_backend_pid()`,
  );
  return rows[0] ?? { pid: 0, startedAt: "" };
}

/** Ends a backend of a connection that was lost: the server may not know that yet, and it holds our locks. @internal */
export async function endBackend(client: ClientBase, { pid, startedAt }: Backend): Promise<void> {
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2",
    [pid, startedAt],
  );
}

/** SQL for the keys of all locks that are held in this database. */
export const HELD_LOCKS = `SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** Whether some process runs this thread now. */
export async function isThreadLocked(database: Database, threadId: string): Promise<boolean> {
  const { rows } = await database.pool.query<{ locked: boolean }>(
    `SELECT ${runLockKey("$1")} IN (${HELD_LOCKS}) AS "locked"`,
    [threadId],
  );
  return rows[0]?.locked ?? false;
}
