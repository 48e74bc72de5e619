import type { Client } from "pg";
import type { Database } from "./database.ts";
import { type Backend, backendOf } from "./lock-statements.ts";
import { isFull, troubleOf } from "./trouble.ts";

/** The first connection of a process for its locks. Waits while the server is full. */
export function openFirstLine(database: Database): Promise<Line> {
  return database.owed.until(() => openBoth(database), new AbortController().signal, {
    waitsFor: (error) => (isFull(error) ? troubleOf(error) : undefined),
    undo: () => giveBackOne(database),
  });
}

/**
 * The connection, and another one in the pool, or neither: processes that each hold one connection while they wait for a second
 * one would wait for each other.
 */
async function openBoth(database: Database): Promise<Line> {
  const line = await openLine(database);
  try {
    await database.pool.query("SELECT 1");
    return line;
  } catch (error) {
    await line.client.end().catch(() => undefined); // The error that is thrown says why.
    throw error;
  }
}

/** A process that waits holds nothing, so that others get two connections. */
async function giveBackOne({ pool }: Database): Promise<void> {
  if (pool.idleCount > 0) (await pool.connect()).release(true);
}

/** The connection, and the backend that holds its locks. */
export interface Line {
  readonly client: Client;
  readonly backend: Backend;
}

export async function openLine(database: Database): Promise<Line> {
  const client = await database.connect();
  return { client, backend: await backendOf(client) };
}
