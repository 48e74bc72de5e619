import type { ClientBase } from "pg";
import { messageOf } from "../domain/errors.ts";
import { createConnections } from "./connections.ts";
import { withTls } from "./tls.ts";

const OLDEST_VERSION = 140_000;

/** The state of a database server, or a sentence that says why it is unusable. */
export type DatabaseState =
  | {
      readonly isUsable: true;
      readonly version: string;
      readonly migrations: number;
      readonly sizeBytes: number;
      /** Connections that this user may still open. */
      readonly connectionsLeft: number;
    }
  | { readonly isUsable: false; readonly why: string };

/** Reads a server's version, our rights and our schema's migrations. Changes nothing. */
export async function checkDatabase(url: string, schema: string): Promise<DatabaseState> {
  const connections = createConnections({ url: await withTls(url), schema });
  try {
    return await look(await connections.connect(), schema);
  } catch (error) {
    return { isUsable: false, why: messageOf(error) };
  } finally {
    connections.cutAll();
  }
}

async function look(client: ClientBase, schema: string): Promise<DatabaseState> {
  const { rows } = await client.query<{
    version: number;
    text: string;
    hasSchema: boolean;
    mayUse: boolean;
    table: string | null;
    size: string;
    isReadOnly: boolean;
    left: number;
  }>(
    `SELECT current_setting('server_version_num')::int AS "version", current_setting('server_version') AS "text",
       to_regnamespace($1) IS NOT NULL AS "hasSchema", to_regclass($1 || '.migrations')::text AS "table",
       CASE WHEN to_regnamespace($1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
         ELSE has_schema_privilege($1, 'USAGE') AND has_schema_privilege($1, 'CREATE') END AS "mayUse",
       pg_database_size(current_database())::text AS "size", current_setting('transaction_read_only') = 'on' AS "isReadOnly",
       (SELECT least(
          current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
          (SELECT CASE WHEN rolconnlimit < 0 THEN NULL
             ELSE rolconnlimit - (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) END
           FROM pg_roles WHERE rolname = current_user)))::int AS "left"`,
    [schema],
  );
  const [found] = rows;
  if (!found) return { isUsable: false, why: "Postgres does not report its version." };
  const { version, text, hasSchema, mayUse, table, size, isReadOnly, left } = found;
  if (version < OLDEST_VERSION) return { isUsable: false, why: `Postgres ${text} is older than 14.` };
  if (isReadOnly) {
    const why = "Postgres is read-only: give the address of the primary, or let this user write.";
    return { isUsable: false, why };
  }
  if (!mayUse) {
    const why = hasSchema ? `no right to create tables in schema "${schema}"` : "no right to create a schema";
    return { isUsable: false, why: `The user of DATABASE_URL has ${why}.` };
  }
  return {
    isUsable: true,
    version: text,
    migrations: await countMigrations(client, table),
    sizeBytes: Number(size),
    connectionsLeft: left,
  };
}

async function countMigrations(client: ClientBase, table: string | null): Promise<number> {
  if (table === null) return 0;
  const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS "count" FROM ${table}`);
  return rows[0]?.count ?? 0;
}
