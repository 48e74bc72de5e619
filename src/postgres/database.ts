import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import pg from "pg";
import type { DatabaseClient } from "./client.ts";
import { connectionError } from "./connection-error.ts";
import {
  CONNECT_WITHIN_MS,
  type Connections,
  createConnections,
  type DatabaseOptions,
} from "./connections.ts";
import { migrate } from "./migrate.ts";
import { Owed, type Patience } from "./owed.ts";
import { withTls } from "./tls.ts";
import { isFull, throwOurs, troubleOf } from "./trouble.ts";

/**
 * An open database: migrated, every connection in our schema by its search_path. What is marked as internal is left out
 * of the package's types, so that those who install it need none of pg's.
 */
export interface Database {
  /** For single statements and short transactions. @internal */
  readonly pool: pg.Pool;
  readonly schema: string;
  /** What this process owes the database. @internal */
  readonly owed: Owed;
  /**
   * Does work that may be repeated. For a run it is done until it succeeds (`held-database.ts`), else once.
   *
   * @internal
   */
  hold<T>(work: () => Promise<T>, patience?: Patience): Promise<T>;
  /** A connection that is not from the pool, for advisory locks. The caller ends it. @internal */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Lanes share statements (`batches.ts`), so that ten need few connections. */
const DEFAULT_POOL_SIZE = 6;
/** For how long a pool that found the server full asks for no more connections. */
const FULL_FOR_MS = 5000;
/** A connection that nothing answers on is not waited for at the end. */
const CLOSE_WITHIN_MS = 2000;

/**
 * Connects and brings the schema up to date. Any number of processes may do so at once. A server that is full is waited for.
 *
 * @throws UsageError in one sentence, without the password, when the server cannot be used as it is.
 */
export async function openDatabase(given: DatabaseOptions): Promise<Database> {
  const options = { ...given, url: await withTls(given.url) };
  const { schema, onNews = () => undefined } = options;
  const owed = new Owed(onNews);
  const connections = createConnections(options);
  const pool = createPool(connections, options.poolSize ?? DEFAULT_POOL_SIZE);
  const untilRoom = <T>(work: () => Promise<T>) =>
    owed.until(work, NEVER, { waitsFor: (error) => (isFull(error) ? troubleOf(error) : undefined) });
  try {
    await untilRoom(() => migrate(pool, schema, options.migrations));
  } catch (error) {
    await closeWithin(pool, connections);
    throw connectionError(error, options);
  }
  return hidePassword({
    pool,
    schema,
    owed,
    hold: (work) => work(),
    connect: connections.connect,
    close: () => closeWithin(pool, connections),
  });
}

const NEVER = new AbortController().signal;

/**
 * How long an unused connection is kept: longer than most answers take, because their commit must not wait for a new one.
 */
const IDLE_MS = 60_000;

function createPool(connections: Connections, max: number): pg.Pool {
  const pool = new pg.Pool({
    max,
    min: 1, // So that one who only looks always has a connection.
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    idleTimeoutMillis: IDLE_MS,
    Client: connections.Client,
    // Awaited by the pool before a new connection is handed out.
    onConnect: (client) => connections.makeOurs(client as DatabaseClient),
  });
  // Without a listener an idle connection that is dropped ends the process; the next query says what is wrong.
  pool.on("error", () => undefined);
  for (const name of ["query", "connect"] as const) {
    const statement: Statement = Reflect.get(pool, name).bind(pool);
    Object.defineProperty(pool, name, {
      value: (...given: readonly unknown[]) => {
        const result = statement(...given);
        if (!(result instanceof Promise)) return result;
        return result.catch(async (error: unknown) => {
          if (isFull(error) && hasOthers(pool, max))
            return Promise.resolve(statement(...given)).catch(throwOurs);
          if (troubleOf(error) !== undefined) await connections.findServer();
          return throwOurs(error);
        });
      },
    });
  }
  return pool;
}

type Statement = (...given: readonly unknown[]) => unknown;

/** Keeps a pool that found the server full from asking for more, for a while. @returns whether it has connections to wait for. */
function hasOthers(pool: pg.Pool, max: number): boolean {
  pool.options.max = Math.max(1, pool.totalCount);
  setTimeout(() => {
    pool.options.max = max;
  }, FULL_FOR_MS).unref();
  return pool.totalCount > 0;
}

async function closeWithin(pool: pg.Pool, { cutAll }: Connections): Promise<void> {
  const ended = pool.end();
  const isEnded = await Promise.race([ended.then(() => true), sleep(CLOSE_WITHIN_MS, false, { ref: false })]);
  if (!isEnded) cutAll();
  await ended;
  cutAll(); // A connection that was opened and never handed out is not the pool's.
}

/** The pool keeps the connection string, and with it the password, where inspection would find it. */
function hidePassword(database: Database): Database {
  const { pool, schema } = database;
  const shown = () => `Database(${schema})`;
  for (const object of [pool, database]) {
    Object.defineProperty(object, inspect.custom, { value: shown, enumerable: false });
    Object.defineProperty(object, "toJSON", { value: shown, enumerable: false });
  }
  return database;
}
