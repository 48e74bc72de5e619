import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { isThreadLocked } from "../../src/postgres/lock-statements.ts";
import { drive } from "../../src/runs/drive.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const TASKS = 20;
const testEngine = useEngine({
  latencyMs: 40,
  scenario: { faults: [{ kind: "latency", ms: 800, when: { match: "slowly" } }] },
});

/** Statements that write an answer or its task fail with the code in this table. */
beforeAll(async () => {
  const { pool } = testEngine().engine.database;
  await pool.query(`
    CREATE TABLE trouble (code text);
    CREATE FUNCTION meet_trouble() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE met text := (SELECT code FROM trouble LIMIT 1);
    BEGIN
      -- What is about an answer, and not the state of the server, meets the answer alone.
      IF met IS NOT NULL AND (met <> '22P05' OR TG_TABLE_NAME = 'claude_calls') THEN RAISE EXCEPTION 'trouble' USING ERRCODE = met; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER meet_trouble BEFORE UPDATE ON claude_calls FOR EACH ROW EXECUTE FUNCTION meet_trouble();
    CREATE TRIGGER meet_trouble BEFORE UPDATE ON agent_coordination FOR EACH ROW EXECUTE FUNCTION meet_trouble();
    CREATE TRIGGER meet_trouble BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION meet_trouble();
    CREATE TRIGGER meet_trouble BEFORE UPDATE ON threads FOR EACH ROW WHEN (NEW.status <> 'running')
      EXECUTE FUNCTION meet_trouble()`);
});

const begin = (code: string) =>
  testEngine().engine.database.pool.query("INSERT INTO trouble VALUES ($1)", [code]);
const end = () => testEngine().engine.database.pool.query("DELETE FROM trouble");

function start(signal: AbortSignal, tasks = TASKS, how = "") {
  const threadId = randomUUID();
  const currentTasks = Array.from({ length: tasks }, (_, index) => ({
    id: `t${index}`,
    agent: "sydney-coder",
    description: `t${index}`,
    prompt: `Look at piece ${index}${how}.`,
    dependsOn: [],
  }));
  const options = { autoApprove: ["plan" as const], synthesis: false, budgetUsd: 50 };
  const ended = drive(graph, { input: "x", currentTasks }, { threadId, options, signal });
  ended.catch(() => undefined); // The test awaits it later.
  return { threadId, ended };
}

const statuses = async (threadId: string) => {
  const { tasks } = await reportThread(testEngine().engine.database, threadId);
  return tasks.map(({ status }) => status);
};

describe("answers that cannot be committed are held until they can, and paid once", () => {
  const never = new AbortController().signal;

  for (const [code, sentence] of [
    ["53300", /no connections left.*max_connections/],
    ["25006", /read-only.*failover/],
    ["53100", /disk of Postgres is full.*Make room/],
    ["57014", /time limit of Postgres/],
    ["55P03", /time limit of Postgres/],
    ["40001", /beside others/],
    ["57P01", /cannot be reached/],
  ] as const) {
    it(`with SQLSTATE ${code}`, async () => {
      const { engine, claude, news } = testEngine();
      claude.reset();
      news.splice(0);
      const { threadId, ended } = start(never);
      await expect.poll(() => statuses(threadId)).toContain("completed");

      await begin(code);
      await expect.poll(() => news.some((said) => sentence.test(said))).toBe(true);
      await expect.poll(() => claude.account().running).toBe(0);
      const bought = claude.account().requests;
      await expect.poll(() => engine.database.owed.isClear).toBe(false);
      expect(claude.account().requests).toBe(bought);
      await end();

      await ended;
      expect(news.at(-1)).toBe("Postgres takes writes again.");
      const report = await reportThread(engine.database, threadId);
      expect(report).toMatchObject({ status: "completed", calls: { paid: TASKS, unknown: 0, failed: 0 } });
      await auditLedger(engine.database, threadId, claude);
    });
  }

  it("with an error that no server's state explains", async () => {
    const { engine, claude, news } = testEngine();
    claude.reset();
    const { threadId, ended } = start(never, 1, " slowly");
    await expect.poll(() => claude.account().running).toBe(1);
    await begin("22P05");
    await expect
      .poll(() => news.some((said) => /does not record a paid answer.*Ctrl-C/.test(said)))
      .toBe(true);
    await end();
    await ended;
    const report = await reportThread(engine.database, threadId);
    expect(report).toMatchObject({ status: "completed", calls: { paid: 1, unknown: 0 } });
    expect(claude.account().requests).toBe(1);
  });
});

it("a human's stop ends the waiting; the call stays reserved and the next run settles it", async () => {
  const { engine, claude } = testEngine();
  claude.reset();
  const stop = new AbortController();
  const { threadId, ended } = start(stop.signal, 1, " slowly");
  await expect.poll(() => claude.account().running).toBe(1);
  await begin("25006");
  await expect.poll(() => engine.database.owed.isClear).toBe(false);
  await expect.poll(() => claude.account().running).toBe(0);

  stop.abort(new Error("stopped"));
  await expect(ended).rejects.toThrow();
  await expect.poll(() => isThreadLocked(engine.database, threadId)).toBe(false);
  await end();
  expect(engine.database.owed.isClear).toBe(true);
  const { rows } = await engine.database.pool.query("SELECT status FROM claude_calls WHERE thread_id = $1", [
    threadId,
  ]);
  expect(rows).toEqual([{ status: "reserved" }]);
  await drive(graph, null, { threadId, signal: new AbortController().signal });
  const report = await reportThread(engine.database, threadId);
  expect(report).toMatchObject({ status: "completed", calls: { paid: 1, unknown: 1 } });
});
