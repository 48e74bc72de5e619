import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, afterEach, beforeAll, inject } from "vitest";
import { type Database, openDatabase } from "../../src/postgres/database.ts";

/** The server's address; its password is a test's own. */
export function testDatabaseUrl(): string {
  return inject("databaseUrl");
}

/** A name for a schema that no other test uses. */
export function newSchemaName(): string {
  return `test_${randomBytes(6).toString("hex")}`;
}

/**
 * A migrated schema of this file's own, on real Postgres. Dropped when all tests of the file passed, kept and
 * named when one failed.
 *
 * @returns a function, because the database is open only while tests run.
 */
export function useTestDatabase(): () => Database {
  const schema = useTestSchema();
  let database: Database | undefined;
  beforeAll(async () => {
    database = await openDatabase({ url: testDatabaseUrl(), schema });
  });
  afterAll(async () => {
    await database?.close();
  });
  return () => {
    if (!database) throw new Error("The test database is open only while tests run.");
    return database;
  };
}

/** The name of a schema that the file's tests make by themselves; it is dropped as above. */
export function useTestSchema(): string {
  const schema = newSchemaName();
  let hasFailed = false;
  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === "fail";
  });
  afterAll(async () => {
    if (hasFailed) process.stderr.write(`A test failed: its schema is kept as "${schema}".\n`);
    else await dropSchema(schema);
  });
  return schema;
}

export async function dropSchema(schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: testDatabaseUrl() });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(schema)} CASCADE`);
  await client.end();
}
