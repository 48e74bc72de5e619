import type pg from "pg";
import type { Database } from "./database.ts";
import { isLost, troubleOf } from "./trouble.ts";

/** Statements that must not be made again when nobody knows whether they were done. */
const once = new WeakSet<object>();

/** Marks a statement that has a further effect when it is repeated. Its caller undoes the lost one first. */
export function onceOnly<Statement extends object>(statement: Statement): Statement {
  once.add(statement);
  return statement;
}

/** Statements that are of no use later: they are made once, whatever the trouble. */
const passing = new WeakSet<object>();

/** Marks a statement that is not held: nothing is owed when it fails. */
export function neverHeld<Statement extends object>(statement: Statement): Statement {
  passing.add(statement);
  return statement;
}

/** The run that a held database is for. */
export interface Holding {
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** What each try waits for first: the locks of this process. Rejects when the signal aborts. */
  readonly ready?: (signal: AbortSignal) => Promise<void>;
}

/**
 * The database as a run uses it: a statement that meets trouble of the server is held and made again until it succeeds, or
 * the run is stopped. So no trouble costs an answer, and a run goes on when the server does.
 */
export function heldDatabase(database: Database, { signal, ready }: Holding): Database {
  const { owed, pool } = database;
  const untilReady = async <T>(work: () => Promise<T>): Promise<T> => {
    await ready?.(signal);
    return work();
  };
  const hold: Database["hold"] = (work, patience) => owed.until(() => untilReady(work), signal, patience);
  const held: pg.Pool = Object.create(pool, {
    query: {
      value: (statement: string | object, values?: unknown[]) => {
        const mayRepeat = typeof statement === "string" || !once.has(statement);
        const waitsFor = (error: unknown) => (mayRepeat || !isLost(error) ? troubleOf(error) : undefined);
        const made = () => Reflect.apply(pool.query, pool, [statement, values]) as Promise<unknown>;
        return typeof statement === "object" && passing.has(statement) ? made() : hold(made, { waitsFor });
      },
    },
    connect: { value: () => hold(() => pool.connect()) },
  });
  return { ...database, pool: held, hold };
}
