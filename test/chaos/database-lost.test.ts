import { randomUUID } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/postgres/database.ts";
import { ensureServer, stopServer } from "../../src/postgres/server/ensure-server.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useCli } from "../support/cli.ts";
import type { Ended } from "../support/cli-session.ts";
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

/** The run went on by itself: every task is completed, and every answer was paid once. */
async function expectWentOn(thread: string, ended: Promise<Ended>, url: string, schema: string) {
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  const database = await openDatabase({ url, schema, poolSize: 2 });
  const report = await reportThread(database, thread);
  expect(report.tasks.map((task) => task.status)).toEqual(Array(TASKS).fill("completed"));
  expect(report.calls).toMatchObject({ paid: TASKS, unknown: 0 });
  await auditLedger(database, thread, testCli().claude);
  await database.close();
}

describe("a run whose connections to Postgres are cut", () => {
  it("takes its locks again and goes on", async () => {
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

    await expectWentOn(thread, running.ended, testDatabaseUrl(), schema);
  });
});

describe("a run whose Postgres is shut down at once", () => {
  const environment = { DATABASE_URL: "", DATABASE_SCHEMA: "decurion" };
  const directory = () => join(testCli().folder, ".decurion");
  afterAll(() => stopServer(directory()));

  it("says so, holds what is finished, and goes on when the server is there again, at another port", async () => {
    const { thread, running } = await startRun(environment);
    const pidFile = join(directory(), "postgres", "data", "postmaster.pid");
    const [pid] = (await readFile(pidFile, "utf8")).split("\n");
    process.kill(Number(pid), "SIGQUIT"); // What pg_ctl calls an immediate shutdown: no goodbye, recovery at the start.

    await running.saying(/Postgres cannot be reached.*finished work is held/);
    const { url } = await ensureServer({ directory: directory() });
    await expectWentOn(thread, running.ended, url, "decurion");
  });

  it("is ended by a second Ctrl-C within two seconds, though nothing answers", async () => {
    const { thread, running } = await startRun(environment);
    const pidFile = join(directory(), "postgres", "data", "postmaster.pid");
    const [pid = ""] = (await readFile(pidFile, "utf8")).split("\n");
    const server = [Number(pid), ...(await childrenOf(pid))];
    for (const one of server) process.kill(one, "SIGSTOP");
    try {
      await running.saying(/Postgres cannot be reached/);
      running.child.kill("SIGINT");
      await running.saying("Press Ctrl-C again");
      running.child.kill("SIGINT");
      expect((await running.ended).code).toBe(130);
    } finally {
      for (const one of server) process.kill(one, "SIGCONT");
    }
    const resumed = await testCli().run(["resume", thread], { BUDGET_USD: "50", ...environment });
    expect(resumed.code, resumed.stderr).toBe(0);
  });
});

async function childrenOf(pid: string): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return list.trim().split(" ").map(Number);
}
