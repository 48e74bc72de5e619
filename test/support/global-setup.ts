import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { ensureServer } from "../../src/postgres/server/ensure-server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    databaseUrl: string;
  }
}

/** One real Postgres for all tests: DATABASE_URL, or a server of this checkout's own that stops itself when idle. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["DATABASE_URL"];
  const url = given ?? (await ownServer());
  project.provide("databaseUrl", url);
  // A client that stays: the server never stops itself while tests run.
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  if (given === undefined) await waitForNoDisk(client);
  return () => client.end();
}

/** What these tests write need not survive a crash of the machine; the tests that crash a server have their own. */
async function waitForNoDisk(client: pg.Client): Promise<void> {
  for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
    await client.query(`ALTER SYSTEM SET ${setting} = off`);
  }
  await client.query("SELECT pg_reload_conf()");
}

async function ownServer(): Promise<string> {
  // A copy of this checkout that has its packages by a link (the mutation tests make one) has its server, too.
  const key = `${await realpath("node_modules")} ${process.getuid?.() ?? ""}`;
  const name = `decurion-test-${createHash("sha256").update(key).digest("hex").slice(0, 12)}`;
  return (await ensureServer({ directory: join(tmpdir(), name), idleStopSeconds: 600 })).url;
}
