import { randomInt, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/postgres/database.ts";
import { createChance } from "../../src/simulator/chance.ts";
import { type TestCli, useCli } from "../support/cli.ts";
import { testDatabaseUrl } from "../support/database.ts";
import { holdWrites } from "../support/hold-writes.ts";
import { auditLedger } from "../support/ledger-audit.ts";

/** How many threads are tormented; CHAOS_ROUNDS=50 npm test -- test/chaos for longer. CHAOS_SEED repeats a run. */
const ROUNDS = Number(process.env["CHAOS_ROUNDS"] ?? 2);
const SEED = Number(process.env["CHAOS_SEED"] ?? randomInt(1, 1_000_000));
const TASKS = 60;
/** The run is killed so often; after that it may end. */
const KILLS = 6;

/** Of a fifth to a quarter of all requests each class of fault has its share. */
const SHARE = 0.025;
const faults = [
  { status: 429, retryAfter: 0.2 },
  { status: 500 },
  { status: 529 },
  { kind: "mid-stream-error" as const },
  { kind: "cut-socket" as const },
  { kind: "cut-socket" as const, afterEvents: 3 },
  { kind: "stall" as const },
  { kind: "refusal" as const },
  { kind: "max_tokens" as const },
  { kind: "empty-answer" as const },
].map((fault) => ({ ...fault, when: { match: "^Look at piece", probability: SHARE } }));
const environment = { BUDGET_USD: "100", STREAM_IDLE_SECONDS: "0.5", MAX_TOKENS: "1000", PARALLEL: "10" };
const testCli = useCli({ faults }, 100);

/** Sixty tasks, of which every fifth builds on the two before it. */
async function planFile(): Promise<string> {
  const tasks = Array.from({ length: TASKS }, (_, index) => ({
    id: `t${index}`,
    agent: index % 2 ? "sydney-coder" : "sydney-research",
    prompt: `Look at piece ${index} and say what it is. It is one of many.`,
    dependsOn: index % 5 === 4 ? [`t${index - 1}`, `t${index - 2}`] : [],
  }));
  const file = join(testCli().folder, "chaos.json");
  await writeFile(file, JSON.stringify({ tasks }));
  return file;
}

async function open(schema: string): Promise<Database> {
  return openDatabase({ url: testDatabaseUrl(), schema, poolSize: 2 });
}

/** Starts a run and kills it again and again, then lets it end; a human says "try again" to whatever waits. */
async function torment(cli: TestCli, thread: string, chance: () => number) {
  const start = ["run", "orchestrate", "--plan", await planFile(), "--thread", thread];
  let args = [...start, "--auto-approve", "--no-synthesis"];
  for (let kill = 1; kill <= KILLS; kill++) {
    const running = cli.start(args, environment);
    await running.saying(/started|completed/).catch(() => undefined); // It may have ended by itself.
    await sleep(chance() * 600);
    running.child.kill("SIGKILL");
    await running.ended;
    args = ["resume", thread];
  }
  let ended = await cli.run(["resume", thread, "--json"], environment);
  for (let round = 0; ended.code === 3 && round < 5; round++) {
    for (const { id } of JSON.parse(ended.stdout).waiting) {
      await cli.run(["answer", id, "retry", "--no-resume"], environment);
    }
    ended = await cli.run(["resume", thread, "--json"], environment);
  }
  return ended;
}

describe("a run that is killed at random moments while every kind of fault rains on it", () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => SEED + round))(
    "ends whole (seed %d)",
    async (seed) => {
      const cli = testCli();
      const thread = randomUUID();
      cli.claude.reset();

      const ended = await torment(cli, thread, createChance(seed));

      const report = JSON.parse(ended.stdout);
      const completed = report.tasks.filter((task: { status: string }) => task.status === "completed");
      expect(report.tasks).toHaveLength(TASKS);
      expect(completed.length / TASKS).toBeGreaterThan(0.95);
      for (const { status, output, error } of report.tasks) {
        expect(["completed", "failed", "blocked"]).toContain(status);
        expect(status === "completed" ? output : error).toBeTruthy();
      }
      const database = await open(cli.schema);
      await auditLedger(database, thread, cli.claude);
      await database.close();
      expect(report.calls.paid).toBeGreaterThanOrEqual(TASKS);
      expect(cli.claude.account().peakRunning).toBeLessThanOrEqual(10);
    },
    300_000,
  );
});

interface OneTask {
  readonly thread?: string;
  readonly validate?: object;
}

/** A run of one task whose answer has come and whose commit is held up. */
async function heldAtCommit({ thread = randomUUID(), validate }: OneTask) {
  const cli = testCli();
  const database = await open(cli.schema);
  cli.claude.reset();
  const plan = join(cli.folder, `${thread}.json`);
  const task = { id: "one", agent: "sydney-coder", prompt: "Write the one thing.", validate };
  await writeFile(plan, JSON.stringify({ tasks: [task] }));
  const start = ["run", "orchestrate", "--plan", plan, "--thread", thread, "--no-synthesis"];
  const commit = await holdWrites(database, "UPDATE", "NEW.status = 'committed'");
  const running = cli.start([...start, "--auto-approve"], environment);
  await expect.poll(commit.waiting).toBe(1);
  expect(cli.claude.account().answers).toBe(1);
  return { cli, thread, database, running, commit };
}

/** Kills that run, and with `cut` its statement too, and lets another process go on with it. */
async function killBeforeCommit({ cut = false, ...task }: OneTask & { readonly cut?: boolean } = {}) {
  const { cli, thread, database, running, commit } = await heldAtCommit(task);
  running.child.kill("SIGKILL");
  await running.ended;
  if (cut) await commit.cutConnections();
  await commit.letGo();
  const resumed = await cli.run(["resume", thread, "--json"], environment);
  expect(resumed.code, resumed.stderr).toBe(0);
  await auditLedger(database, thread, cli.claude);
  await database.close();
  return JSON.parse(resumed.stdout);
}

describe("a run that is killed between a response and its commit", () => {
  it("buys that one call again, counts the lost one as unknown, and no other", async () => {
    const thread = randomUUID();
    const { calls } = await killBeforeCommit({ thread, cut: true });

    expect(calls).toEqual({ paid: 1, replayed: 0, unknown: 1, failed: 0 });
    expect(testCli().claude.account().answers).toBe(2);
    const cost = await testCli().run(["cost", thread], environment);
    expect(cost.stdout).toContain("1 call of unknown cost, counted at the highest possible cost: --settle.");
  });

  it("has it, and the task that it completed, when the commit was on its way", async () => {
    const { calls, tasks } = await killBeforeCommit();

    expect(tasks).toMatchObject([{ status: "completed", attempts: 1 }]);
    expect(calls).toEqual({ paid: 1, replayed: 0, unknown: 0, failed: 0 });
    expect(testCli().claude.account().answers).toBe(1);
  });

  it("has it from the journal where the result was still to be validated", async () => {
    const validate = { schema: { type: "string" } };
    const { calls, tasks } = await killBeforeCommit({ validate });

    expect(tasks).toMatchObject([{ status: "completed", attempts: 1 }]);
    expect(calls).toEqual({ paid: 1, replayed: 1, unknown: 0, failed: 0 });
    expect(testCli().claude.account().answers).toBe(1);
  });
});

describe("a run that loses a connection at an answer, and not its locks", () => {
  it.each([{ validate: undefined }, { validate: { schema: { type: "string" } } }])(
    "goes on: the answer is committed and the task completed, once (%o)",
    async ({ validate }) => {
      const { cli, thread, database, running, commit } = await heldAtCommit(validate ? { validate } : {});

      await commit.cutConnections();
      await commit.letGo();

      const ended = await running.ended;
      expect(ended.code, ended.stderr).toBe(0);
      const { calls, tasks } = JSON.parse((await cli.run(["show", thread, "--json"])).stdout);
      expect(tasks).toMatchObject([{ status: "completed", attempts: 1 }]);
      expect(calls).toEqual({ paid: 1, replayed: 0, unknown: 0, failed: 0 });
      await auditLedger(database, thread, cli.claude);
      await database.close();
    },
  );
});
