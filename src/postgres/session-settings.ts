import type { ClientBase } from "pg";
import { UsageError } from "../domain/errors.ts";
import type { DatabaseClient } from "./client.ts";
import { poolsTransactions } from "./pooler.ts";

/**
 * Settings of a server, a database or a user that would end our statements and connections, or refuse them beside others.
 * What a version does not know is left out.
 */
const OURS: Readonly<Record<string, string>> = {
  statement_timeout: "0",
  lock_timeout: "0",
  idle_session_timeout: "0",
  idle_in_transaction_session_timeout: "0",
  transaction_timeout: "0",
  default_transaction_isolation: "read committed",
};

/** In one statement, so that a new connection costs one round trip. It sets nothing unless the backend is the one that $1 says. */
const SET = `SELECT pg_backend_pid() AS "pid", current_setting('server_encoding') AS "encoding",
    CASE WHEN $1 IN (0, pg_backend_pid()) THEN (
      SELECT count(set_config(name, value, false)) FROM jsonb_each_text($2::jsonb || jsonb_build_object('search_path', $3::text))
        AS setting (name, value) WHERE current_setting(name, true) IS NOT NULL
    ) END`;

interface Session {
  readonly pid: number;
  readonly encoding: string;
}

/**
 * Makes a new connection ours: the schema in its search_path, and our settings. No startup `options`, which poolers refuse.
 *
 * @param connectAnother - a second connection, for telling what a pooler does. It is ended here.
 * @throws UsageError for a pooler in transaction mode, and for a database that is not in UTF8. Nothing is set or written then.
 */
export async function makeOurs(
  client: DatabaseClient,
  schemaPath: string,
  connectAnother: () => Promise<DatabaseClient>,
): Promise<void> {
  const claimedPid = Number(Reflect.get(client, "processID"));
  let session = await set(client, claimedPid, schemaPath);
  if (session.encoding !== "UTF8") {
    throw new UsageError(
      `The database is in ${session.encoding}, which cannot hold every character. Make one in UTF8: CREATE DATABASE decurion ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
  if (session.pid !== claimedPid) {
    if (await poolsTransactions(client, connectAnother)) throw new UsageError(POOLED);
    session = await set(client, 0, schemaPath);
  }
  client.backendPid = session.pid;
}

const POOLED =
  "DATABASE_URL leads to a connection pooler in transaction mode, which loses the locks of a session. Give the address of Postgres itself, or a pooler in session mode.";

async function set(client: ClientBase, pid: number, schemaPath: string): Promise<Session> {
  const { rows } = await client.query<Session>(SET, [pid, JSON.stringify(OURS), schemaPath]);
  const [session] = rows;
  if (!session) throw new Error("Postgres does not say which backend this is.");
  return session;
}
