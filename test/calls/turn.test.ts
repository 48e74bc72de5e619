import { describe, expect, it } from "vitest";
import { CallError } from "../../src/calls/call-error.ts";
import { OverBudgetError } from "../../src/calls/over-budget.ts";
import { promptTokensAtMost } from "../../src/calls/prompt-size.ts";
import type { Claude, TurnPurpose } from "../../src/calls/purpose.ts";
import { runAsAgent } from "../../src/calls/single-level.ts";
import { buyTurn } from "../../src/calls/turn.ts";
import { NestedSpawnError } from "../../src/domain/errors.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices, worstCaseUsd } from "../../src/domain/price.ts";
import type { Scenario } from "../../src/simulator/scenario.ts";
import { simulatedClaude } from "../support/claude.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const CONTENT = { system: "Be brief.", prompt: "Say what a shard is. It is a part." };

async function shop(scenario: Partial<Scenario>, more: Partial<Claude> = {}) {
  const database = testDatabase();
  const { server, claude, threadId } = await simulatedClaude(database, scenario, more);
  const purpose: TurnPurpose = {
    threadId,
    phase: "agents",
    taskId: "t",
    executionId: null,
    agent: "a",
    attempt: 1,
    turn: 1,
    model: resolveModel("sonnet", DEFAULT_ALIASES, parsePrices()),
    signal: new AbortController().signal,
  };
  const ledger = async () => {
    const { rows } = await database.pool.query(
      `SELECT status, cost_usd::float8 AS cost, reserved_usd::float8 AS reserved, response IS NOT NULL AS kept
       FROM claude_calls WHERE thread_id = $1 ORDER BY reserved_at`,
      [threadId],
    );
    return rows;
  };
  return { server, claude, purpose, ledger };
}

describe("a turn that is bought", () => {
  it("is in the ledger with its response at the price the server bills", async () => {
    const { claude, purpose, ledger, server } = await shop({});

    const { response, costUsd } = await buyTurn(claude, CONTENT, purpose);

    expect(response.text).toContain("shard");
    const [call] = await ledger();
    expect(call).toMatchObject({ status: "committed", kept: true });
    expect(call.cost).toBeCloseTo(server.account().costUsd, 10);
    expect(costUsd).toBeCloseTo(call.cost, 10);
    expect(call.reserved).toBeGreaterThanOrEqual(call.cost);
    await server.close();
  });

  it("is sent again after trouble on the way, and each send is a row", async () => {
    const faults = [
      { status: 529, when: { times: 1 } },
      { kind: "mid-stream-error" as const, when: { times: 1 } },
    ];
    const { claude, purpose, ledger, server } = await shop({ faults });
    const notes: string[] = [];

    await buyTurn(claude, CONTENT, { ...purpose, onNote: (note) => notes.push(note) });

    const calls = await ledger();
    expect(calls.map((call) => call.status)).toEqual(["failed", "unknown", "committed"]);
    expect(calls[0].cost).toBe(0);
    expect(calls[1].cost).toBeGreaterThan(0);
    expect(calls[1].cost).toBeLessThan(calls[1].reserved);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/has a problem \(529.*Trying again in 1 s\./);
    await server.close();
  });

  it.each([400, 401, 404])("is not sent again after a %d", async (status) => {
    const { claude, purpose, ledger, server } = await shop({ faults: [{ status }] });

    await expect(buyTurn(claude, CONTENT, purpose)).rejects.toMatchObject({ kind: "refused" });

    expect(server.account().requests).toBe(1);
    expect(await ledger()).toMatchObject([{ status: "failed", cost: 0 }]);
    await server.close();
  });

  it("ends at once when it is stopped while it waits", async () => {
    const { claude, purpose, ledger, server } = await shop({ faults: [{ status: 429, retryAfter: 50 }] });
    const controller = new AbortController();

    const bought = buyTurn(claude, CONTENT, {
      ...purpose,
      signal: controller.signal,
      onNote: () => controller.abort(),
    });

    await expect(bought).rejects.toMatchObject({ name: "CallError", kind: "aborted" });
    expect(await ledger()).toMatchObject([{ status: "failed" }]);
    await server.close();
  });

  it("that was paid is not paid again, whatever would be sent now; in another execution a changed one is", async () => {
    const { claude, purpose, ledger, server } = await shop({});
    const first = await buyTurn(claude, CONTENT, purpose);
    const again = await buyTurn(claude, CONTENT, purpose);
    const replay = { costUsd: 0, response: first.response, callId: first.callId };
    expect(again).toEqual(replay);
    const changed = { ...CONTENT, prompt: "Say it otherwise." };
    expect(await buyTurn({ ...claude, maxTokens: 9 }, changed, purpose)).toEqual(replay);
    const fork = { ...purpose, executionId: "fork" };
    expect(await buyTurn({ ...claude, maxTokens: 9 }, CONTENT, fork)).toEqual(replay);
    expect(server.account().requests).toBe(1);
    await buyTurn(claude, changed, fork);
    await buyTurn(claude, CONTENT, { ...purpose, mayReplay: false });
    expect(server.account().requests).toBe(3);
    expect(await ledger()).toHaveLength(3);
    await server.close();
  });

  it("asks for no more output than the model can give", async () => {
    const { claude, purpose, server } = await shop({}, { maxTokens: 10_000_000 });

    await expect(buyTurn(claude, CONTENT, purpose)).resolves.toBeDefined();
    await server.close();
  });
});

describe("a turn under a ceiling", () => {
  const long = { ...CONTENT, prompt: "Say what a shard is. ".repeat(400) };
  const { price, id: model } = resolveModel("sonnet", DEFAULT_ALIASES, parsePrices());
  const most = worstCaseUsd(price, promptTokensAtMost({ ...long, model }), 500);

  it("that leaves no room for its bound is sent when the server's own count of its prompt fits", async () => {
    const { claude, purpose, ledger, server } = await shop({}, { ceilings: { taskUsd: most - 0.0001 } });
    await buyTurn(claude, long, purpose);
    const [call] = await ledger();
    expect(call).toMatchObject({ status: "committed" });
    expect(call.reserved).toBeLessThan(most - 0.0001);
    expect(call.reserved).toBeGreaterThanOrEqual(call.cost);
    await server.close();
  });

  it("that leaves no room at all is not sent, and says what it may cost by that count", async () => {
    const { claude, purpose, ledger, server } = await shop({}, { ceilings: { taskUsd: 1 } });
    const given = buyTurn(claude, long, { ...purpose, taskBudgetUsd: 0.0001 });
    const error = await given.catch((thrown: unknown) => thrown);
    if (!(error instanceof OverBudgetError)) throw error;
    expect(error.full).toMatchObject({ ceiling: "task", limitUsd: 0.0001, spentUsd: 0 });
    expect(error.neededUsd).toBeLessThan(most);
    expect(server.account().answers).toBe(0);
    expect(await ledger()).toEqual([]);
    await server.close();
  });
});

describe("single level", () => {
  it("refuses an agent inside an agent in this process, before anything is sent or reserved", async () => {
    const { claude, purpose, ledger, server } = await shop({});

    const nested = runAsAgent("outer", undefined, async () => {
      await Promise.resolve();
      return buyTurn(claude, CONTENT, purpose);
    });

    await expect(nested).rejects.toThrow(NestedSpawnError);
    await expect(nested).rejects.toThrow('Agent "outer" tried to start agent "a"');
    expect(server.account().requests).toBe(0);
    expect(await ledger()).toEqual([]);
    await server.close();
  });

  it("refuses every agent in a process that an agent started", async () => {
    const { claude, purpose, server } = await shop({}, { insideAgent: "thread/task" });

    await expect(buyTurn(claude, CONTENT, purpose)).rejects.toThrow(NestedSpawnError);
    await server.close();
  });

  it("lets the workflow start agents one after the other and side by side", async () => {
    const work = (name: string) => runAsAgent(name, undefined, () => Promise.resolve(name));

    expect(await Promise.all([work("a"), work("b")])).toEqual(["a", "b"]);
    expect(await work("c")).toBe("c");
  });
});

it("a call error carries its class and never more than a sentence", () => {
  const error = new CallError("No.", { kind: "later", retryAfterMs: 5, mayBeBilled: true });
  expect(error).toMatchObject({ name: "CallError", kind: "later", retryAfterMs: 5, mayBeBilled: true });
});
