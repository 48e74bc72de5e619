import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { buyAnswer } from "../../src/calls/answer.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import { ModelLimits } from "../../src/calls/model-limits.ts";
import type { Claude, TurnPurpose } from "../../src/calls/purpose.ts";
import type { TurnResponse } from "../../src/calls/transport.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";
import { commitCall } from "../../src/postgres/claude-calls/ledger.ts";
import type { Scenario } from "../../src/simulator/scenario.ts";
import { simulatedClaude } from "../support/claude.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const CONTENT = { system: "Be thorough.", prompt: "Write the book." };
/** A text in which no part repeats another. */
const textOf = (tokens: number) =>
  Array.from({ length: (tokens * 4) / 8 }, (_, at) => `w${at} `.padStart(8)).join("");

async function desk(scenario: Partial<Scenario>, more: Partial<Claude> = {}) {
  const database = testDatabase();
  const { server, claude, threadId } = await simulatedClaude(database, scenario, {
    maxTokens: 1000,
    ...more,
  });
  const purpose: TurnPurpose = {
    threadId,
    phase: "agents",
    taskId: "t",
    executionId: "e",
    agent: "a",
    attempt: 1,
    turn: 1,
    model: resolveModel("sonnet", DEFAULT_ALIASES, parsePrices()),
    signal: new AbortController().signal,
  };
  const turns = async () => {
    const { rows } = await database.pool.query<{ turn: number; output: number; opens: boolean }>(
      `SELECT turn, output_tokens AS "output", opening IS NOT NULL AS "opens" FROM claude_calls
       WHERE thread_id = $1 AND status = 'committed' ORDER BY turn`,
      [threadId],
    );
    return rows;
  };
  return { database, server, claude, purpose, turns };
}

describe("an answer that is cut off", () => {
  it("goes on in the same conversation, and is one text: no word is lost, doubled or paid for twice", async () => {
    const text = textOf(3500);
    const { claude, purpose, turns, server } = await desk({ answers: [{ text, when: { match: "^Write" } }] });

    const answer = await buyAnswer(claude, CONTENT, purpose);

    expect(answer).toMatchObject({ isCut: false, turn: 4, response: { stopReason: "end_turn" } });
    expect(answer.response.text).toBe(text);
    expect((await turns()).map(({ output, opens }) => [output, opens])).toEqual([
      [1000, true],
      [1000, false],
      [1000, false],
      [500, false],
    ]);
    expect(answer.before.map(({ role }) => role)).toEqual([
      "assistant",
      "user",
      "assistant",
      "user",
      "assistant",
      "user",
    ]);
    expect(answer.before[1]?.content).toContain(`[${text.slice(4000 - 200, 4000)}]`);
    expect(answer.costUsd).toBeCloseTo(server.account().costUsd, 10);
    await server.close();
  });

  it("ends after three continuations: what there is stays, and it is known to be cut", async () => {
    const text = textOf(6000);
    const { claude, purpose, turns, server } = await desk({ answers: [{ text, when: { match: "^Write" } }] });

    const answer = await buyAnswer(claude, CONTENT, purpose);

    expect(answer).toMatchObject({ isCut: true, turn: 4 });
    expect(answer.response.text).toBe(text.slice(0, 16_000));
    expect(await turns()).toHaveLength(4);
    await server.close();
  });

  it("ends when a continuation brings nothing new", async () => {
    // It repeats the end of what it has, and is cut off there again.
    const repeated = textOf(1000).slice(-400);
    const answers = [
      { text: `${repeated}${repeated}`, when: { match: "^Your previous response" } },
      { text: textOf(2000), when: { match: "^Write" } },
    ];
    const faults = [{ kind: "max_tokens" as const, when: { match: "^Your previous response" } }];
    const { claude, purpose, turns, server } = await desk({ answers, faults });

    const answer = await buyAnswer(claude, CONTENT, purpose);

    expect(answer.response.text).toBe(textOf(1000));
    expect(answer.isCut).toBe(true);
    expect(await turns()).toHaveLength(2);
    await server.close();
  });

  it("is found again by its places, whatever the settings are then, and its end is committed with the whole text", async () => {
    const text = textOf(2500);
    const { claude, purpose, server, database } = await desk({
      answers: [{ text, when: { match: "^Write" } }],
    });
    const committed: TurnResponse[] = [];
    const commit: TurnPurpose["commit"] = async (call, response) => {
      committed.push(response);
      await commitCall(database, call);
    };

    const first = await buyAnswer(claude, CONTENT, { ...purpose, commit });
    const again = await buyAnswer({ ...claude, maxTokens: 9 }, CONTENT, { ...purpose, commit });

    expect(committed.map((response) => response.text)).toEqual([text]);
    expect(again).toMatchObject({ turn: first.turn, before: first.before, costUsd: 0 });
    expect(again.response.text).toBe(text);
    expect(server.account().requests).toBe(3);
    await server.close();
  });
});

describe("a tool call that is cut off", () => {
  const tools = [{ name: "write", description: "d", input_schema: { type: "object" } }];
  const input = { text: textOf(1500) };

  it("is asked for once more with more room, and nothing of the first stays in the conversation", async () => {
    const { claude, purpose, turns, server } = await desk(
      { answers: [{ tools: [{ name: "write", input }], when: { match: "^Write" } }] },
      { maxTokens: undefined, ceilings: { taskUsd: 0.06 } },
    );

    const answer = await buyAnswer(claude, { ...CONTENT, tools }, { ...purpose, wantedTokens: 10 });

    expect(answer).toMatchObject({ isCut: false, before: [] });
    expect(answer.response.content).toMatchObject([{ type: "tool_use", input }]);
    expect((await turns()).length).toBeLessThanOrEqual(2);
    await server.close();
  });

  it("twice is the caller's to answer: it is known to be cut", async () => {
    const { claude, purpose, turns, server } = await desk({
      answers: [{ tools: [{ name: "write", input }], when: { match: "^Write" } }],
    });

    const answer = await buyAnswer(claude, { ...CONTENT, tools }, purpose);

    expect(answer).toMatchObject({ isCut: true, turn: 2, before: [] });
    expect(await turns()).toMatchObject([{ opens: true }, { opens: false }]);
    await server.close();
  });
});

describe("the room of a call", () => {
  it("is what the model can give when the budget has it, and its share of the budget otherwise", async () => {
    const { claude, purpose, database, server } = await desk({}, { maxTokens: undefined });
    const reservedUsd = async () => {
      const { rows } = await database.pool.query<{ usd: number }>(
        "SELECT reserved_usd::float8 AS usd FROM claude_calls WHERE thread_id = $1 ORDER BY id DESC LIMIT 1",
        [purpose.threadId],
      );
      return rows[0]?.usd ?? 0;
    };
    const ask = (turn: number) => buyAnswer(claude, CONTENT, { ...purpose, turn });
    const setBudget = (usd: number) =>
      database.pool.query("UPDATE threads SET budget_usd = $2 WHERE thread_id = $1", [purpose.threadId, usd]);

    await setBudget(100);
    await ask(1);
    expect(await reservedUsd()).toBeGreaterThan(128_000 * 10e-6);
    const leave = [claude.underWay.join(), claude.underWay.join(), claude.underWay.join()];
    await setBudget(0.3);
    await ask(2);
    expect(await reservedUsd()).toBeLessThan(0.1);
    expect(await reservedUsd()).toBeGreaterThan(0.095);
    for (const one of leave) one();
    await ask(3);
    expect(await reservedUsd()).toBeGreaterThan(0.29);
    await server.close();
  });

  it("is the price table's where a server begins to answer about its model and never ends", async () => {
    const server = createServer((_, response) => void response.writeHead(200).write("{"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => server.close().closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const options = { apiKey: "k", baseUrl: `http://127.0.0.1:${port}`, streamIdleMs: 1000 };
    const limits = new ModelLimits(createMessagesTransport(options));
    const model = resolveModel("sonnet", DEFAULT_ALIASES, parsePrices());
    expect(await limits.of(model)).toMatchObject({ contextWindow: 1_000_000, maxOutput: 128_000 });
  });

  it("is what the server says of its model, asked once, whatever the price table has", async () => {
    const { claude, purpose, server } = await desk({}, { maxTokens: undefined });
    const { model } = purpose;
    const wrong = { ...model, price: { ...model.price, maxOutput: 7, contextWindow: 8 } };
    expect(await claude.service.limits.of(wrong)).toEqual({ contextWindow: 1_000_000, maxOutput: 128_000 });
    await server.close();
    expect(await claude.service.limits.of(wrong)).toEqual({ contextWindow: 1_000_000, maxOutput: 128_000 });
    const { haiku } = DEFAULT_ALIASES;
    const other = { id: haiku, price: { ...model.price, maxOutput: 7, contextWindow: 8 } };
    expect(await claude.service.limits.of(other)).toMatchObject({ contextWindow: 8, maxOutput: 7 });
  });
});
