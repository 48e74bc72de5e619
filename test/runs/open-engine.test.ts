import pg from "pg";
import { expect, it } from "vitest";
import { createDecurion } from "../../src/index.ts";
import { testDatabaseUrl, useTestSchema } from "../support/database.ts";

const schema = useTestSchema();

it("leaves no connection behind when only a part of it could be opened", async () => {
  const admin = new pg.Client({ connectionString: testDatabaseUrl() });
  await admin.connect();
  const user = `one_connection_${schema}`;
  const { pathname } = new URL(testDatabaseUrl());
  await admin.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x' CONNECTION LIMIT 1`);
  await admin.query(`GRANT CREATE ON DATABASE ${pathname.slice(1)} TO ${user}`);
  const database = Object.assign(new URL(testDatabaseUrl()), { username: user, password: "x" }).href;
  const decurion = createDecurion({ env: { DATABASE_SCHEMA: schema }, database });
  try {
    await expect(decurion.report("7675485c-72d7-4763-8070-71d29f6d5503")).rejects.toThrow(
      "too many connections for role",
    );
    const open = "SELECT pid FROM pg_stat_activity WHERE usename = $1";
    // The server notices a moment later that a client has gone; a pool would let go of it after ten seconds.
    await expect.poll(async () => (await admin.query(open, [user])).rows, { timeout: 5000 }).toEqual([]);
  } finally {
    await decurion.close().catch(() => undefined);
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.query(`DROP OWNED BY ${user}`);
    await admin.query(`DROP ROLE ${user}`);
    await admin.end();
  }
});
