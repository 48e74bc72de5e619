import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Ceilings } from "../../src/postgres/claude-calls/ceilings.ts";
import {
  type CallReservation,
  commitCall,
  failCall,
  replayCall,
} from "../../src/postgres/claude-calls/ledger.ts";
import { openingAt } from "../../src/postgres/claude-calls/openings.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import { openDatabase } from "../../src/postgres/database.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { testDatabaseUrl, useTestDatabase } from "../support/database.ts";
import { useProgram } from "../support/program.ts";

const db = useTestDatabase();
const program = useProgram("race-for-budget");
const USAGE = { input: 100, output: 50, cacheRead: 10, cacheWrite5m: 5, cacheWrite1h: 7 };

async function newThread(budgetUsd: number): Promise<string> {
  const id = randomUUID();
  await beginThread(db(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd });
  return id;
}

function call(threadId: string, reservedUsd: number, rest: Partial<CallReservation> = {}): CallReservation {
  return {
    threadId,
    phase: "agents",
    taskId: "a",
    executionId: "e",
    agent: "coder",
    attempt: 1,
    turn: 1,
    requestHash: "hash",
    model: "m",
    reservedUsd,
    ...rest,
  };
}

const reserve = (one: CallReservation, ceilings?: Ceilings) => reserveCall(db(), one, ceilings);
async function reserved(one: CallReservation, ceilings?: Ceilings): Promise<string> {
  const answer = await reserve(one, ceilings);
  if ("id" in answer) return answer.id;
  throw new Error(`There is no room: ${JSON.stringify(answer.full)}`);
}
const commit = (id: string, costUsd: number) =>
  commitCall(db(), { id, usage: USAGE, costUsd, response: { text: "hello" }, requestId: "req" });

/** What a thread's calls cost, or may cost while they are under way. */
async function promisedUsd(threadId: string): Promise<number> {
  const { rows } = await db().pool.query<{ sum: number }>(
    `SELECT sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END)::float8 AS sum
     FROM claude_calls WHERE thread_id = $1`,
    [threadId],
  );
  return rows[0]?.sum ?? 0;
}

/** What all calls that this file made today cost, or may cost. */
async function spentToday(): Promise<number> {
  const { rows } = await db().pool.query<{ sum: number }>(
    `SELECT coalesce(sum(CASE status WHEN 'reserved' THEN reserved_usd ELSE cost_usd END), 0)::float8 AS sum
     FROM claude_calls WHERE reserved_at > clock_timestamp() - interval '1 hour'`,
  );
  return rows[0]?.sum ?? 0;
}

describe("a reservation", () => {
  it("is written while there is room, to the last cent and not beyond", async () => {
    const thread = await newThread(0.3);
    await reserved(call(thread, 0.1));
    await reserved(call(thread, 0.2));
    expect(await reserve(call(thread, 0.000_001))).toEqual({
      full: { ceiling: "thread", limitUsd: 0.3, spentUsd: 0, inFlightUsd: 0.3 },
    });
  });

  it("gives back what a settled call did not use", async () => {
    const thread = await newThread(0.3);
    await commit(await reserved(call(thread, 0.3)), 0.1);
    await failCall(db(), await reserved(call(thread, 0.2)), "failed", "refused");
    await reserved(call(thread, 0.2));
    expect(await promisedUsd(thread)).toBeCloseTo(0.3, 10);
  });

  it("counts a call of which nobody knows at its reserved price, until it is settled after all", async () => {
    const thread = await newThread(0.3);
    const id = await reserved(call(thread, 0.3));
    await failCall(db(), id, "unknown", "cut off");
    expect(await reserve(call(thread, 0.1))).toMatchObject({ full: { spentUsd: 0.3, inFlightUsd: 0 } });
    await commit(id, 0.05);
    await reserved(call(thread, 0.25));
  });

  it("counts a call that cost more than was reserved whole", async () => {
    const thread = await newThread(0.3);
    await commit(await reserved(call(thread, 0.1)), 0.25);
    expect(await reserve(call(thread, 0.06))).toMatchObject({ full: { spentUsd: 0.25 } });
  });

  it("keeps a task's ceiling in its execution, and says which one is full", async () => {
    const thread = await newThread(1);
    const ceilings = { taskUsd: 0.1 };
    await reserved(call(thread, 0.1), ceilings);
    expect(await reserve(call(thread, 0.01), ceilings)).toMatchObject({ full: { ceiling: "task" } });
    await reserved(call(thread, 0.1, { taskId: "b" }), ceilings);
    await reserved(call(thread, 0.1, { executionId: "fork" }), ceilings);
  });

  it("keeps the day's ceiling over all threads, and forgets yesterday", async () => {
    const [one, other] = [await newThread(5), await newThread(5)];
    const ceilings = { dayUsd: (await spentToday()) + 1 };
    const id = await reserved(call(one, 0.7), ceilings);
    expect(await reserve(call(other, 0.4), ceilings)).toMatchObject({ full: { ceiling: "day" } });
    await db().pool.query(
      "UPDATE claude_calls SET reserved_at = reserved_at - interval '1 day' WHERE id = $1",
      [id],
    );
    await reserved(call(other, 0.4), ceilings);
  });

  it("needs a thread", async () => {
    await expect(reserve(call(randomUUID(), 0.1))).rejects.toThrow("no thread");
  });
});

describe("two processes that reserve for different threads at the same moment", () => {
  it("do not pass the day's ceiling: the second one sees what the first one takes", async () => {
    const [one, other] = [await newThread(5), await newThread(5)];
    const ceilings = { dayUsd: (await spentToday()) + 1 };
    const racer = { url: testDatabaseUrl(), schema: db().schema, applicationName: `racer ${one}` };
    const processes = [await openDatabase(racer), await openDatabase(racer)] as const;
    onTestFinished(async () => void (await Promise.all(processes.map((database) => database.close()))));
    const blocker = await db().connect();
    onTestFinished(() => blocker.end());
    await blocker.query("BEGIN");
    // Whoever has added up the ledger waits here, before the row is there for others to see.
    await blocker.query("LOCK TABLE claude_calls IN SHARE MODE");
    const answers = [
      reserveCall(processes[0], call(one, 0.6), ceilings),
      reserveCall(processes[1], call(other, 0.6), ceilings),
    ];
    await expect.poll(() => waitingForLocks(racer.applicationName)).toBe(2);
    await blocker.query("COMMIT");

    const full = (await Promise.all(answers)).filter((answer) => "full" in answer);

    expect(full).toMatchObject([{ full: { ceiling: "day" } }]);
  });
});

async function waitingForLocks(applicationName: string): Promise<number> {
  const { rows } = await db().pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`,
    [applicationName],
  );
  return rows[0]?.count ?? 0;
}

describe("ten agents in each of four processes that race for a budget", () => {
  it.each([0.2, 0.75, 3])("of %d never pass it", async (budgetUsd) => {
    const thread = await newThread(budgetUsd);
    const racers = [1, 2, 3, 4].map((seed) => {
      const args = [program(), testDatabaseUrl(), db().schema, thread, `${seed}`];
      return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    });
    const found = await Promise.all(racers.map(async (racer) => Number(await text(racer.stdout))));

    expect(found.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5);
    expect(await peakPromisedUsd(thread)).toBeLessThanOrEqual(budgetUsd);
    expect(await promisedUsd(thread)).toBeLessThanOrEqual(budgetUsd);
  });
});

/** The most that was promised at any moment, by the order in which calls were reserved and settled. */
async function peakPromisedUsd(thread: string): Promise<number> {
  const { rows } = await db().pool.query<{ peak: number }>(
    `SELECT max(total)::float8 AS peak FROM (
       SELECT sum(step) OVER (ORDER BY at, step) AS total FROM (
         SELECT reserved_at AS at, reserved_usd AS step FROM claude_calls WHERE thread_id = $1
         UNION ALL SELECT settled_at, cost_usd - reserved_usd FROM claude_calls
           WHERE thread_id = $1 AND settled_at IS NOT NULL) steps) totals`,
    [thread],
  );
  return rows[0]?.peak ?? Number.NaN;
}

describe("the journal", () => {
  it("has a committed response again for the same call and request, and counts it", async () => {
    const thread = await newThread(1);
    const one = call(thread, 0.1);
    expect(await replayCall(db(), one)).toBeUndefined();
    const id = await reserved(one);
    await commit(id, 0.02);

    const replayed = await replayCall(db(), { ...one });

    expect(replayed).toEqual({
      id,
      response: { text: "hello" },
      costUsd: 0.02,
      requestId: "req",
      executionId: "e",
      usage: { input: 100, output: 50, cacheRead: 10, cacheWrite5m: 12, cacheWrite1h: 0 },
    });
    const { rows } = await db().pool.query("SELECT replays FROM claude_calls WHERE thread_id = $1", [thread]);
    expect(rows).toEqual([{ replays: 1 }]);
  });

  it.each([
    ["turn", { turn: 2 }],
    ["attempt", { attempt: 2 }],
    ["task", { taskId: "b" }],
    ["phase", { phase: "plan" as const }],
  ])("has nothing for another %s", async (_, other) => {
    const thread = await newThread(1);
    await commit(await reserved(call(thread, 0.1)), 0.02);
    expect(await replayCall(db(), call(thread, 0.1, other))).toBeUndefined();
  });

  it("finds a call by its place, whatever would be sent there now; in another execution by its request", async () => {
    const thread = await newThread(1);
    const id = await reserved(call(thread, 0.1));
    await commit(id, 0.02);
    const found = async (other: object, isPlaceKnown?: boolean) =>
      (await replayCall(db(), call(thread, 0.1, other), isPlaceKnown))?.id;

    expect(await found({ requestHash: "other" })).toBe(id);
    expect(await found({ requestHash: "other" }, false)).toBeUndefined();
    expect(await found({ executionId: "fork" })).toBe(id);
    expect(await found({ executionId: "fork", requestHash: "other" })).toBeUndefined();
  });

  it("prefers an execution's own call to the same one of another", async () => {
    const thread = await newThread(1);
    await commit(await reserved(call(thread, 0.1)), 0.02);
    const own = await reserved(call(thread, 0.1, { executionId: "fork" }));
    await commit(own, 0.02);
    expect((await replayCall(db(), call(thread, 0.1, { executionId: "fork" })))?.id).toBe(own);
  });

  it("keeps what a conversation is opened with, each text once for the thread", async () => {
    const thread = await newThread(1);
    const texts = { system: "You are a coder.", prompt: 'Quote \\u0000 and "é".' };
    await reserved(call(thread, 0.1, { opening: texts }));
    await reserved(call(thread, 0.1, { taskId: "b", opening: { ...texts, prompt: "Other." } }));
    await reserved(call(thread, 0.1, { turn: 2 }));

    expect(await openingAt(db(), call(thread, 0.1))).toEqual(texts);
    expect(await openingAt(db(), call(thread, 0.1, { taskId: "b" }))).toEqual({ ...texts, prompt: "Other." });
    expect(await openingAt(db(), call(thread, 0.1, { turn: 2 }))).toBeUndefined();
    expect(await openingAt(db(), call(thread, 0.1, { executionId: "fork" }))).toBeUndefined();
    const { rows } = await db().pool.query("SELECT body FROM request_texts WHERE thread_id = $1", [thread]);
    expect(rows).toHaveLength(3);
  });

  it.each(["failed", "unknown"] as const)("has nothing of a call that is %s", async (status) => {
    const thread = await newThread(1);
    await failCall(db(), await reserved(call(thread, 0.1)), status, "x");
    expect(await replayCall(db(), call(thread, 0.1))).toBeUndefined();
  });
});
