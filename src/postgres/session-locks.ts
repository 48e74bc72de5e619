import pg, { type Client } from "pg";
import type { Database } from "./database.ts";

/** The name of a lock: slot 0 is a thread's run, slots 1 to 10 are for its agents. */
export type LockName = { readonly threadId: string; readonly slot: number };

/**
 * Advisory locks of this process, all on one dedicated connection, so that the server releases them when the process dies.
 * They do not exclude each other within the process: the caller must keep count.
 */
export interface SessionLocks {
  /** Takes the lock if it is free. */
  tryLock(name: LockName): Promise<boolean>;
  /** Takes the free ones of these slots of a thread, and returns them. */
  trySlots(threadId: string, slots: readonly number[]): Promise<number[]>;
  unlock(name: LockName): Promise<void>;
  /** Calls `hear` with each later message on the channel. */
  listen(channel: string, hear: (message: string) => void): Promise<void>;
  /** Aborted when the connection, and with it every lock, is lost: the guarded work must stop. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

// The key contains the schema, so that two installations in one database do not share locks.
const keyOf = (slot: string, thread = "$1") =>
  `hashtextextended('decurion:' || current_schema() || ':' || ${thread}::text, ${slot}::bigint)`;
const KEY = keyOf("$2");

/** The lock key of a thread's run; `thread` is an SQL expression. */
export const runLockKey = (thread: string): string => keyOf("0", thread);

/** Opens the connection. Statements on it run one after another. */
export async function openSessionLocks(database: Database): Promise<SessionLocks> {
  const client = await database.connect();
  const lost = new AbortController();
  const onLost = () => lost.abort(new Error("The connection to Postgres that holds the locks was lost."));
  client.on("error", onLost);
  client.on("end", onLost);
  const inTurn = createTurns();
  return {
    lost: lost.signal,
    tryLock: (name) => inTurn(() => tryLock(client, name)),
    trySlots: (threadId, slots) => inTurn(() => trySlots(client, threadId, slots)),
    unlock: ({ threadId, slot }) =>
      inTurn(async () => {
        await client.query(`SELECT pg_advisory_unlock(${KEY})`, [threadId, slot]);
      }),
    listen: (channel, hear) =>
      inTurn(async () => {
        client.on("notification", ({ channel: heard, payload = "" }) => {
          if (heard === channel) hear(payload);
        });
        await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      }),
    close: async () => {
      client.off("end", onLost);
      await client.end();
    },
  };
}

/** Runs work one after another, because a connection takes one statement at a time. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result;
    return result;
  };
}

async function tryLock(client: Client, { threadId, slot }: LockName): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(${KEY}) AS "locked"`,
    [threadId, slot],
  );
  return rows[0]?.locked ?? false;
}

/** Tries each lock once. With a LIMIT the planner might take more locks than it returns. */
async function trySlots(client: Client, threadId: string, slots: readonly number[]): Promise<number[]> {
  const { rows } = await client.query<{ slot: number }>(
    `SELECT slot FROM unnest($2::int[]) AS slot
     WHERE pg_try_advisory_lock(${keyOf("slot")})`,
    [threadId, slots],
  );
  return rows.map((row) => row.slot);
}

/** Whether a process runs this thread now. */
export async function isThreadLocked(database: Database, threadId: string): Promise<boolean> {
  const { rows } = await database.pool.query<{ locked: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND objsubid = 1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND ((classid::bigint << 32) | objid::bigint) = ${KEY}) AS "locked"`,
    [threadId, 0],
  );
  return rows[0]?.locked ?? false;
}
