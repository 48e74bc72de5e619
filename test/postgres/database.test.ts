import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { openDatabase } from "../../src/postgres/database.ts";
import { dropSchema, newSchemaName, testDatabaseUrl, useTestSchema } from "../support/database.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";
import { useProgram } from "../support/program.ts";

const schema = useTestSchema();
const program = useProgram("open-database");
const url = () => testDatabaseUrl();

function withParts(
  parts: Partial<Record<"port" | "password" | "username" | "pathname" | "host", string>>,
): string {
  return Object.assign(new URL(url()), parts).href;
}

async function admin<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url() });
  await client.connect();
  const { rows } = await client.query<T>(sql).finally(() => client.end());
  return rows;
}

/** Migrations there are, whatever their numbers. */
async function migrationCount(): Promise<number> {
  return (await readdir(join(PACKAGE_FOLDER, "src/postgres/migrations"))).length;
}

describe("openDatabase", () => {
  it("makes the schema and every table in it, and nothing elsewhere", async () => {
    const database = await openDatabase({ url: url(), schema });
    const tables = await admin<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schema}' ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual([
      ...[
        "agent_coordination",
        "checkpoint_blobs",
        "checkpoint_migrations",
        "checkpoint_writes",
        "checkpoints",
      ],
      ...[
        "claude_calls",
        "migrations",
        "request_texts",
        "requests",
        "task_attempts",
        "threads",
        "tool_calls",
      ],
    ]);
    await database.close();
  });

  it("takes nothing from the environment of the process that its URL leaves out", async () => {
    const hostile = {
      PGSSLMODE: "require",
      PGSSLNEGOTIATION: "direct",
      PGREPLICATION: "database",
      PGOPTIONS: "-c default_transaction_read_only=on",
    };
    Object.assign(process.env, hostile);
    try {
      const database = await openDatabase({ url: url(), schema });
      const own = await database.connect();
      const settings = "SELECT current_setting('default_transaction_read_only') AS only";
      for (const { rows } of [await database.pool.query(settings), await own.query(settings)]) {
        expect(rows).toEqual([{ only: "off" }]);
      }
      await own.end();
      await database.close();
    } finally {
      for (const name of Object.keys(hostile)) Reflect.deleteProperty(process.env, name);
    }
  });

  it("takes options that its URL names", async () => {
    const database = await openDatabase({ url: `${url()}?options=-c%20work_mem%3D5MB`, schema });
    const own = await database.connect();
    for (const { rows } of [await database.pool.query("SHOW work_mem"), await own.query("SHOW work_mem")]) {
      expect(rows).toEqual([{ work_mem: "5MB" }]);
    }
    await own.end();
    await database.close();
  });

  it("has every connection in the schema: those of the pool and one's own", async () => {
    const database = await openDatabase({ url: url(), schema });
    const own = await database.connect();
    const current = "SELECT current_schema() AS name";
    const rows = await Promise.all(Array.from({ length: 6 }, () => database.pool.query(current)));
    expect([...rows, await own.query(current)].every((result) => result.rows[0].name === schema)).toBe(true);
    await own.end();
    await database.close();
  });

  it("changes nothing when everything is applied", async () => {
    const before = await admin(`SELECT * FROM "${schema}".migrations ORDER BY number`);
    await (await openDatabase({ url: url(), schema })).close();
    expect(await admin(`SELECT * FROM "${schema}".migrations ORDER BY number`)).toEqual(before);
    expect(before).toHaveLength(await migrationCount());
  });

  it("lives through a connection that is dropped", async () => {
    const database = await openDatabase({ url: url(), schema, applicationName: `drop-${schema}` });
    const own = await database.connect();
    const ended = Promise.all([
      new Promise<void>((resolve) => own.once("end", resolve)),
      new Promise<void>((resolve) => database.pool.once("remove", () => resolve())),
    ]);
    await admin(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drop-${schema}'`,
    );
    await ended;
    expect((await database.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await database.close();
  });

  it("shows its password nowhere", async () => {
    const secret = withParts({ password: "s3cret/äö" });
    const database = await openDatabase({ url: url(), schema });
    const { password } = new URL(url());
    for (const shown of [inspect(database, { depth: 9 }), JSON.stringify(database), String(database)]) {
      expect(shown).not.toContain(password);
    }
    await database.close();
    const error = await openDatabase({ url: secret, schema }).catch((caught: unknown) => caught);
    expect(inspect(error, { depth: 9 })).not.toMatch(/s3cret/);
  });

  it("lets eight processes start at once on an empty database", async () => {
    const empty = newSchemaName();
    const children = Array.from({ length: 8 }, () => fork(program(), [url(), empty]));
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual(Array.from({ length: 8 }, () => 0));
    expect(await admin(`SELECT number FROM "${empty}".migrations`)).toHaveLength(await migrationCount());
    await dropSchema(empty);
  });
});

describe("openDatabase refuses in one sentence", () => {
  async function refusal(bad: string, name = schema): Promise<string> {
    const error = await openDatabase({ url: bad, schema: name }).catch((caught: unknown) => caught);
    if (!(error instanceof UsageError)) throw error;
    expect(error.message).toMatch(/^[^\n]*\.$/);
    expect(error.message).not.toContain(new URL(bad).password || "no password");
    return error.message;
  }

  it("a server that does not answer", async () => {
    expect(await refusal(withParts({ port: "1" }))).toMatch(
      /127\.0\.0\.1:1\/postgres cannot be used: nothing answers/,
    );
  });

  it("a host that is not known", async () => {
    expect(await refusal("postgresql://u:p4ss@no-such-host.invalid/x")).toMatch(/host name/);
  });

  it("a wrong password", async () => {
    expect(await refusal(withParts({ password: "wr0ng" }))).toMatch(
      /the password is wrong: check DATABASE_URL/,
    );
  });

  it("a database that does not exist", async () => {
    expect(await refusal(withParts({ pathname: "/nowhere" }))).toMatch(/does not exist: create it/);
  });

  it("a server that does not speak TLS when the address demands it", async () => {
    expect(await refusal(`${url()}?sslmode=require`)).toMatch(/SSL.*check sslmode/);
  });

  it("a schema that a newer version has migrated, and a migration that was changed", async () => {
    const other = newSchemaName();
    await (await openDatabase({ url: url(), schema: other })).close();
    await admin(`INSERT INTO "${other}".migrations (number, name, sha256) VALUES (999, '999-new.sql', 'x')`);
    expect(await refusal(url(), other)).toMatch(/migrated by a newer Decurion \(999-new\.sql\)/);
    await admin(`DELETE FROM "${other}".migrations WHERE number = 999`);
    await admin(`UPDATE "${other}".migrations SET sha256 = 'x' WHERE number = 2`);
    expect(await refusal(url(), other)).toMatch(
      /002-agent-coordination\.sql was changed after it was applied/,
    );
    await dropSchema(other);
  });
});

describe("a role with few rights", () => {
  const role = newSchemaName();
  const asRole = () => withParts({ username: role, password: "pw" });

  beforeAll(async () => {
    await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'pw'`);
  });
  afterAll(async () => {
    await admin(`DROP OWNED BY ${role} CASCADE`);
    await admin(`DROP ROLE ${role}`);
  });

  it("is told what it lacks when the schema is missing", async () => {
    const attempt = openDatabase({ url: asRole(), schema: newSchemaName() });
    await expect(attempt).rejects.toThrow(/the user lacks rights: grant it CREATE on the database/);
  });

  it("works in a schema that it was given, without the right to create one", async () => {
    const given = newSchemaName();
    await admin(`CREATE SCHEMA ${given} AUTHORIZATION ${role}`);
    const database = await openDatabase({ url: asRole(), schema: given });
    expect((await database.pool.query("SELECT count(*)::int AS n FROM checkpoints")).rows).toEqual([
      { n: 0 },
    ]);
    await database.close();
  });
});
