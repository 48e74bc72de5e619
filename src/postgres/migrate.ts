import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import pg from "pg";
import { UsageError } from "../domain/errors.ts";

/** The oldest supported Postgres: we use range_agg. */
const OLDEST_VERSION = 140_000;
const OUR_MIGRATIONS = new URL("./migrations/", import.meta.url);

/** One numbered, forward-only SQL file. */
interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

/**
 * Migrates the schema: our tables, then LangGraph's checkpoint tables, under one advisory lock and in one transaction, so
 * that any number of processes may start in parallel on an empty database. An up-to-date schema takes two queries.
 *
 * @param folder - the folder of the migrations.
 * @throws UsageError for a server that is too old, a file that was changed after it was applied, or a schema from a newer
 *   version.
 */
export async function migrate(pool: pg.Pool, schema: string, folder: URL = OUR_MIGRATIONS): Promise<void> {
  const migrations = await readMigrations(folder);
  const client = await pool.connect();
  try {
    if (await isUpToDate(client, schema, migrations)) return;
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [
      `decurion migrate ${schema}`,
    ]);
    await applyMissing(client, schema, migrations);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined); // The first error says what is wrong.
    throw error;
  } finally {
    client.release();
  }
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(
    files.map(async (name) => {
      const sql = await readFile(new URL(name, folder), "utf8");
      return { number: Number.parseInt(name, 10), name, sha256: sha256(sql), sql };
    }),
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

type Applied = ReadonlyMap<number, { readonly name: string; readonly sha256: string }>;

async function isUpToDate(
  client: pg.PoolClient,
  schema: string,
  migrations: readonly Migration[],
): Promise<boolean> {
  const { rows } = await client.query<{ version: number; table: string | null }>(
    `SELECT current_setting('server_version_num')::int AS "version", to_regclass($1)::text AS "table"`,
    [`${pg.escapeIdentifier(schema)}.migrations`],
  );
  const { version = 0, table = null } = rows[0] ?? {};
  if (version < OLDEST_VERSION) {
    throw new UsageError(
      `Postgres ${Math.floor(version / 10_000)} is too old: Decurion needs version 14 or newer.`,
    );
  }
  if (table === null) return false;
  const applied = await readApplied(client);
  checkHistory(schema, migrations, applied);
  return migrations.every(({ number }) => applied.has(number));
}

async function readApplied(client: pg.PoolClient): Promise<Applied> {
  const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
    "SELECT number, name, sha256 FROM migrations",
  );
  return new Map(rows.map(({ number, name, sha256 }) => [number, { name, sha256 }]));
}

function checkHistory(schema: string, migrations: readonly Migration[], applied: Applied): void {
  const newest = Math.max(0, ...migrations.map(({ number }) => number));
  for (const [number, { name, sha256 }] of applied) {
    if (number > newest) {
      throw new UsageError(
        `Schema "${schema}" was migrated by a newer Decurion (${name}): update this one, or set DATABASE_SCHEMA.`,
      );
    }
    const known = migrations.find((migration) => migration.number === number);
    if (known && known.sha256 !== sha256) {
      throw new UsageError(
        `Migration ${name} was changed after it was applied to schema "${schema}": restore the file, or set DATABASE_SCHEMA to another name.`,
      );
    }
  }
}

async function applyMissing(
  client: pg.PoolClient,
  schema: string,
  migrations: readonly Migration[],
): Promise<void> {
  const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  // Checked first, because IF NOT EXISTS needs the right to create schemas even if the schema exists.
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS migrations (
       number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  );
  const applied = await readApplied(client);
  checkHistory(schema, migrations, applied);
  for (const { number, name, sha256, sql } of migrations) {
    if (applied.has(number)) continue;
    await client.query(sql);
    await client.query("INSERT INTO migrations (number, name, sha256) VALUES ($1, $2, $3)", [
      number,
      name,
      sha256,
    ]);
  }
  await setUpCheckpoints(client, schema);
}

/**
 * Runs LangGraph's own migrations in our transaction: its `setup()` fails when several processes run it in parallel, and its
 * CREATE SCHEMA needs a right that the schema's owner may not have.
 */
async function setUpCheckpoints(client: pg.PoolClient, schema: string): Promise<void> {
  await client.query("CREATE TABLE IF NOT EXISTS checkpoint_migrations (v integer PRIMARY KEY)");
  const inTransaction = {
    query: (sql: string, values?: unknown[]) =>
      sql.startsWith("CREATE SCHEMA") ? Promise.resolve({ rows: [] }) : client.query(sql, values),
    release: () => undefined,
  };
  const pool = Object.assign(Object.create(pg.Pool.prototype) as pg.Pool, {
    connect: () => Promise.resolve(inTransaction),
  });
  // Loaded only when needed: with LangChain it takes half a second.
  const { PostgresSaver } = await import("@langchain/langgraph-checkpoint-postgres");
  await new PostgresSaver(pool, undefined, { schema }).setup();
}
