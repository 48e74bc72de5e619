import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type CallReservation, commitCall, failCall } from "../../src/postgres/claude-calls/ledger.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import { callTotals, costLines } from "../../src/postgres/claude-calls/totals.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { timing } from "../../src/postgres/threads/timing.ts";
import { useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();

function reservation(threadId: string, rest: Partial<CallReservation> = {}): CallReservation {
  return {
    threadId,
    phase: "agents",
    taskId: "a",
    executionId: null,
    agent: "coder",
    attempt: 1,
    turn: 1,
    requestHash: "hash",
    model: "m",
    reservedUsd: 0.06,
    ...rest,
  };
}

async function newThread(budgetUsd = 1): Promise<string> {
  const id = randomUUID();
  await beginThread(db(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd });
  return id;
}

/** A reserved call's id. @throws when there is no room for it. */
async function reserve(call: CallReservation): Promise<string> {
  const reservation = await reserveCall(db(), call);
  if ("id" in reservation) return reservation.id;
  throw new Error(`There is no room: ${JSON.stringify(reservation.full)}`);
}

const USAGE = { input: 100, output: 50, cacheRead: 10, cacheWrite5m: 5, cacheWrite1h: 7 };

describe("the ledger", () => {
  it("commits usage, cost and response of a call in its row", async () => {
    const threadId = await newThread();
    const id = await reserve(reservation(threadId));
    await commitCall(db(), {
      id,
      usage: USAGE,
      costUsd: 0.002,
      response: { text: "hello" },
      requestId: "req_1",
    });
    const { rows } = await db().pool.query("SELECT * FROM claude_calls WHERE id = $1", [id]);
    expect(rows[0]).toMatchObject({
      status: "committed",
      input_tokens: 100,
      output_tokens: 50,
      cache_read_tokens: 10,
      cache_write_tokens: 12,
      cost_usd: "0.002",
      reserved_usd: "0.06",
      response: { text: "hello" },
      request_id: "req_1",
    });
    expect(rows[0].settled_at).toBeInstanceOf(Date);
  });

  it("counts a refused call as free and one that was cut off at its reserved price", async () => {
    const threadId = await newThread();
    await failCall(db(), await reserve(reservation(threadId)), "failed", "401");
    await failCall(db(), await reserve(reservation(threadId)), "unknown", "cut off");
    expect(await callTotals(db(), threadId)).toMatchObject({
      costUsd: 0.06,
      calls: { paid: 0, replayed: 0, unknown: 1, failed: 1 },
    });
  });
});

describe("costLines", () => {
  it("groups by phase, agent and model, dearest first, and adds up to the totals", async () => {
    const threadId = await newThread();
    const calls = [
      { taskId: "a", usd: 0.001 },
      { taskId: "b", usd: 0.002 },
      { taskId: "plan", phase: "plan" as const, agent: "boss", usd: 0.01 },
    ];
    for (const { usd, ...rest } of calls) {
      const id = await reserve(reservation(threadId, rest));
      await commitCall(db(), {
        id,
        usage: USAGE,
        costUsd: usd,
        response: {},
        requestId: null,
      });
    }
    const lines = await costLines(db(), threadId);
    expect(lines).toMatchObject([
      { phase: "plan", agent: "boss", calls: 1, costUsd: 0.01 },
      { phase: "agents", agent: "coder", model: "m", calls: 2, input: 200, cacheWrite: 24, costUsd: 0.003 },
    ]);
    const { costUsd, tokens } = await callTotals(db(), threadId);
    expect(costUsd).toBeCloseTo(0.013, 10);
    expect(tokens).toEqual({ input: 300, output: 150, cacheRead: 30, cacheWrite: 36 });
  });

  it("is empty for a thread that called nobody", async () => {
    expect(await costLines(db(), randomUUID())).toEqual([]);
    expect((await callTotals(db(), randomUUID())).costUsd).toBe(0);
  });
});

describe("timing", () => {
  it("adds up the time in which something ran, without the gaps, and finds how many ran at once", async () => {
    const threadId = randomUUID();
    await db().pool.query(
      `INSERT INTO threads (thread_id, graph, budget_usd, created_at, ended_at)
       VALUES ($1, 'g', 1, '2026-01-01 00:00:00Z', '2026-01-01 01:00:10Z')`,
      [threadId],
    );
    const spans = [
      ["a", "00:00:00", "00:00:02"],
      ["b", "00:00:01", "00:00:03"],
      ["c", "00:00:02", "00:00:03"],
      ["d", "01:00:00", "01:00:01"],
    ];
    for (const [id, start, end] of spans) {
      await db().pool.query(
        `INSERT INTO agent_coordination (session_id, execution_id, task_id, status, started_at, ended_at)
         VALUES ($1, 'x', $2, 'completed', $3, $4)`,
        [threadId, id, `2026-01-01 ${start}Z`, `2026-01-01 ${end}Z`],
      );
    }
    expect(await timing(db(), threadId)).toEqual({
      phasesMs: { plan: 0, agents: 4000, synthesis: 0 },
      peakParallel: 2,
      wallMs: 3_610_000,
    });
  });
});
