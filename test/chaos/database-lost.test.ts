import { randomUUID } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/postgres/database.ts";
import { ensureServer, stopServer } from "../../src/postgres/server/ensure-server.ts";
import { useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const TASKS = 30;
const testCli = useCli({}, 150);

async function startRun(environment: Record<string, string>) {
  const { folder, start, claude } = testCli();
  claude.reset();
  await chmod(folder, 0o755);
  const thread = randomUUID();
  const file = join(folder, "plan.json");
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    id: `t${index}`,
    agent: "sydney-coder",
    prompt: `Look at piece ${index}.`,
  }));
  await writeFile(file, JSON.stringify({ tasks }));
  const args = ["run", "orchestrate", "--plan", file, "--thread", thread, "--auto-approve", "--no-synthesis"];
  const running = start(args, { BUDGET_USD: "50", ...environment });
  await running.saying("completed");
  return { thread, running };
}

/** The run said what happened and how to go on; going on completes it, and nothing that was kept is paid again. */
async function expectGoesOn(
  thread: string,
  environment: Record<string, string>,
  url: string,
  schema: string,
) {
  const { run, claude } = testCli();
  const resumed = await run(["resume", thread, "--json"], { BUDGET_USD: "50", ...environment });
  expect(resumed.code, resumed.stderr).toBe(0);
  const report = JSON.parse(resumed.stdout);
  expect(report.tasks.map((task: { status: string }) => task.status)).toEqual(Array(TASKS).fill("completed"));
  expect(report.calls.paid).toBe(TASKS);
  const database = await openDatabase({ url, schema, poolSize: 2 });
  await auditLedger(database, thread, claude);
  await database.close();
}

describe("a run whose connections to Postgres are cut", () => {
  it("ends with a sentence and goes on where it stood", async () => {
    const { schema } = testCli();
    const { thread, running } = await startRun({});
    const client = new pg.Client({ connectionString: testDatabaseUrl() });
    await client.connect();
    await client.query(
      `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE locktype = 'advisory' AND a.application_name = 'decurion' AND objsubid = 1
         AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || $1 || ':' || $2, 0)`,
      [schema, thread],
    );
    await client.end();

    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/decurion: .*connection to Postgres.*lost.*resume/);
    await expectGoesOn(thread, {}, testDatabaseUrl(), schema);
  });
});

describe("a run whose Postgres is shut down at once", () => {
  const environment = { DATABASE_URL: "", DATABASE_SCHEMA: "decurion" };
  const directory = () => join(testCli().folder, ".decurion");
  afterAll(() => stopServer(directory()));

  it("ends with a sentence; the next command starts it again and goes on", async () => {
    const { thread, running } = await startRun(environment);
    const [pid] = (await readFile(join(directory(), "postgres", "data", "postmaster.pid"), "utf8")).split(
      "\n",
    );
    process.kill(Number(pid), "SIGQUIT"); // What pg_ctl calls an immediate shutdown: no goodbye, recovery at the start.

    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/decurion: .*connection to Postgres.*lost.*resume/);
    const { url } = await ensureServer({ directory: directory() });
    await expectGoesOn(thread, environment, url, "decurion");
  });
});
