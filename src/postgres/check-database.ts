import pg from "pg";
import { messageOf } from "../domain/errors.ts";
import { connectionError } from "./connection-error.ts";

const OLDEST_VERSION = 140_000;

/** The state of a database server, or a sentence that says why it is unusable. */
export type DatabaseState =
  | {
      readonly isUsable: true;
      readonly version: string;
      readonly migrations: number;
      readonly sizeBytes: number;
    }
  | { readonly isUsable: false; readonly why: string };

/** Reads a server's version, our rights and our schema's migrations. Changes nothing. */
export async function checkDatabase(url: string, schema: string): Promise<DatabaseState> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await look(client, schema);
  } catch (error) {
    return { isUsable: false, why: messageOf(connectionError(error, { url })) };
  } finally {
    await client.end().catch(() => undefined); // It never connected: already reported.
  }
}

async function look(client: pg.Client, schema: string): Promise<DatabaseState> {
  const { rows } = await client.query<{
    version: number;
    text: string;
    hasSchema: boolean;
    mayUse: boolean;
    table: string | null;
    size: string;
  }>(
    `SELECT current_setting('server_version_num')::int AS "version", current_setting('server_version') AS "text",
       to_regnamespace($1) IS NOT NULL AS "hasSchema", to_regclass($1 || '.migrations')::text AS "table",
       CASE WHEN to_regnamespace($1) IS NULL THEN has_database_privilege(current_database(), 'CREATE')
         ELSE has_schema_privilege($1, 'USAGE') AND has_schema_privilege($1, 'CREATE') END AS "mayUse",
       pg_database_size(current_database())::text AS "size"`,
    [schema],
  );
  const [found] = rows;
  if (!found) return { isUsable: false, why: "Postgres does not report its version." };
  const { version, text, hasSchema, mayUse, table, size } = found;
  if (version < OLDEST_VERSION) return { isUsable: false, why: `Postgres ${text} is older than 14.` };
  if (!mayUse) {
    const why = hasSchema ? `no right to create tables in schema "${schema}"` : "no right to create a schema";
    return { isUsable: false, why: `The user of DATABASE_URL has ${why}.` };
  }
  return {
    isUsable: true,
    version: text,
    migrations: await countMigrations(client, table),
    sizeBytes: Number(size),
  };
}

async function countMigrations(client: pg.Client, table: string | null): Promise<number> {
  if (table === null) return 0;
  const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS "count" FROM ${table}`);
  return rows[0]?.count ?? 0;
}
