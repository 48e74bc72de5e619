import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import type { TurnPurpose } from "../../src/calls/purpose.ts";
import { createService } from "../../src/calls/service.ts";
import { buyTurn } from "../../src/calls/turn.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";
import { settleOrphanedCalls } from "../../src/postgres/claude-calls/ledger.ts";
import { callTotals } from "../../src/postgres/claude-calls/totals.ts";
import { settleUnknownCost, unknownCosts } from "../../src/postgres/claude-calls/unknown-costs.ts";
import { simulatedClaude } from "../support/claude.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const model = resolveModel("sonnet", DEFAULT_ALIASES, parsePrices());
const MILLION = 1_000_000;
const MAX_TOKENS = 4000;

/** A turn bought from a server that sends these events, and then nothing more. `heard` resolves when text has arrived. */
async function buyFrom(events: readonly object[]) {
  const server = createServer(({ method }, response) => {
    if (method === "GET") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  const service = createService(createMessagesTransport({ apiKey: "k", baseUrl, streamIdleMs: 30_000 }));
  const simulated = await simulatedClaude(testDatabase(), {}, { service, maxTokens: MAX_TOKENS });
  await simulated.server.close();
  const { claude, threadId } = simulated;
  const stop = new AbortController();
  let bought: Promise<unknown> = Promise.resolve();
  await new Promise<void>((onText) => {
    const purpose: TurnPurpose = {
      threadId,
      phase: "agents",
      taskId: "t",
      executionId: null,
      agent: "a",
      attempt: 1,
      turn: 1,
      model,
      signal: stop.signal,
      onText: () => onText(),
    };
    bought = buyTurn(claude, { system: "s", prompt: "p" }, purpose).catch((error: unknown) => error);
  });
  const row = async () => {
    const { rows } = await testDatabase().pool.query<Record<string, unknown>>(
      `SELECT status, cost_usd::float8 AS cost, reserved_usd::float8 AS reserved, known_usd::float8 AS known,
         is_cost_known AS "isKnown" FROM claude_calls WHERE thread_id = $1`,
      [threadId],
    );
    return rows[0] ?? {};
  };
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { bought, stop, row, close, threadId, service };
}

const start = (usage: object | null) => ({ type: "message_start", message: { id: "m", content: [], usage } });
const block = (index: number, content_block: object, delta: object) => [
  { type: "content_block_start", index, content_block },
  { type: "content_block_delta", index, delta },
];
const text = block(1, { type: "text", text: "" }, { type: "text_delta", text: "twenty bytes of text" });
const PROMPT = { input_tokens: 20, output_tokens: 1, cache_read_input_tokens: 100 };
const PROMPT_USD = (20 * 2 + 100 * 0.1) / MILLION;

/** A call that is stopped when all of this has arrived, as the ledger has it. */
async function cutOff(...events: object[]) {
  const call = await buyFrom(events);
  call.stop.abort();
  await call.bought;
  call.close();
  const { status, cost, reserved, isKnown } = await call.row();
  return { status, cost, reserved, isKnown, threadId: call.threadId };
}

describe("a call that is cut off", () => {
  it("costs the prompt that the server counted and the output that had arrived", async () => {
    const row = await cutOff(start(PROMPT), ...text);

    expect(row).toMatchObject({ status: "unknown", isKnown: false });
    expect(row.cost).toBeGreaterThan(PROMPT_USD);
    expect(row.cost).toBeLessThan(PROMPT_USD + (200 * 10) / MILLION);
  });

  it("costs all output that it may have where it was thinking, because thoughts are not all shown", async () => {
    const thinking = block(0, { type: "thinking", thinking: "" }, { type: "thinking_delta", thinking: "…" });

    const row = await cutOff(start(PROMPT), ...thinking, ...text);

    expect(row.cost).toBeCloseTo(PROMPT_USD + (MAX_TOKENS * 10) / MILLION, 10);
  });

  it.each([
    ["nothing of it is known", [start(null), ...text]],
    [
      "the server works by itself",
      [
        start(PROMPT),
        ...block(0, { type: "server_tool_use", id: "s", name: "web_search" }, { type: "x" }),
        ...text,
      ],
    ],
  ])("costs its worst case where %s", async (_, events) => {
    const row = await cutOff(...events);

    expect(row).toMatchObject({ status: "unknown", isKnown: false });
    expect(row.cost).toBe(row.reserved);
  });

  it("by the death of its process costs what that had recorded", async () => {
    const call = await buyFrom([start(PROMPT), ...text]);
    const known = await untilRecorded(call.row);

    await settleOrphanedCalls(testDatabase(), call.threadId);

    expect(known).toBeLessThan(PROMPT_USD + (600 * 10) / MILLION);
    expect(await call.row()).toMatchObject({ status: "unknown", isKnown: false, cost: known });
    call.stop.abort();
    await call.bought;
    call.close();
  });
});

async function untilRecorded(row: () => Promise<Record<string, unknown>>): Promise<number> {
  for (;;) {
    const { known } = await row();
    if (typeof known === "number") return known;
    await new Promise((next) => setTimeout(next, 10));
  }
}

describe("an answer", () => {
  const ended = { type: "message_delta", delta: { stop_reason: "end_turn" } };
  const rest = [...text, { type: "content_block_stop", index: 1 }, ended, { type: "message_stop" }];

  it("without usage is kept, at its reserved price, and its cost is unknown", async () => {
    const call = await buyFrom([start(null), ...rest]);
    await call.bought;

    const { cost, reserved, ...row } = await call.row();

    expect(row).toMatchObject({ status: "committed", isKnown: false });
    expect(cost).toBe(reserved);
    expect(await callTotals(testDatabase(), call.threadId)).toMatchObject({ calls: { paid: 1, unknown: 1 } });
    call.close();
  });

  it("from the United States costs a tenth more, and the next call reserves that", async () => {
    const usage = { ...PROMPT, output_tokens: 10, inference_geo: "us" };
    const call = await buyFrom([start(usage), ...rest]);
    await call.bought;

    expect((await call.row())["cost"]).toBeCloseTo((PROMPT_USD + (10 * 10) / MILLION) * 1.1, 10);
    expect(call.service.traits.isUsOnly).toBe(true);
    call.close();
  });
});

it("a human settles a call whose cost is unknown, once, and no other", async () => {
  const { threadId } = await cutOff(start(PROMPT), ...text);
  const [unknown] = await unknownCosts(testDatabase(), threadId);
  const cost = { id: `${unknown?.id}`, costUsd: 0.001 };

  expect(await settleUnknownCost(testDatabase(), threadId, { ...cost, id: "0" })).toBe(false);
  expect(await settleUnknownCost(testDatabase(), threadId, cost)).toBe(true);
  expect(await settleUnknownCost(testDatabase(), threadId, cost)).toBe(false);
  expect(await unknownCosts(testDatabase(), threadId)).toEqual([]);
  const totals = await callTotals(testDatabase(), threadId);
  expect(totals).toMatchObject({ costUsd: 0.001, calls: { unknown: 0, failed: 1 } });
});
