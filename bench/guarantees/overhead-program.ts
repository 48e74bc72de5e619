// The same calls one after the other, by the driver alone and with every guarantee: prints the milliseconds of each.
import { randomUUID } from "node:crypto";
import { CallsUnderWay } from "../../src/calls/calls-under-way.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import type { Claude } from "../../src/calls/purpose.ts";
import { createService } from "../../src/calls/service.ts";
import { buyTurn } from "../../src/calls/turn.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";
import { openDatabase } from "../../src/postgres/database.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { MODEL, promptOf, type Work } from "../work.ts";

const { tasks, claudeUrl, databaseUrl, schema }: Work = JSON.parse(process.argv[2] ?? "{}");
const driver = createMessagesTransport({ apiKey: "bench", baseUrl: claudeUrl, streamIdleMs: 60_000 });
const database = await openDatabase({ url: databaseUrl, schema });
const threadId = randomUUID();
const { signal } = new AbortController();
await beginThread(database, {
  id: threadId,
  graph: "g",
  input: "",
  options: {},
  simulated: false,
  budgetUsd: 100,
});
const model = resolveModel(MODEL, DEFAULT_ALIASES, parsePrices());
const claude: Claude = {
  service: createService(driver),
  database,
  maxTokens: 4096,
  ceilings: {},
  underWay: new CallsUnderWay(),
  draining: new AbortController().signal,
  insideAgent: undefined,
};

async function msOf(call: (index: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let index = 0; index < tasks; index++) await call(index);
  return (performance.now() - startedAt) / tasks;
}
const bare = (index: number) =>
  driver.callTurn(
    { model: model.id, maxTokens: 4096, system: "Be brief.", prompt: promptOf(index) },
    { signal },
  );
let attempt = 0;
const bought = (index: number) => {
  attempt += 1;
  return buyTurn(
    claude,
    { system: "Be brief.", prompt: promptOf(index) },
    {
      threadId,
      phase: "agents",
      taskId: `${index}`,
      executionId: "x",
      agent: "a",
      model,
      attempt,
      turn: 1,
      mayReplay: false,
      signal,
    },
  );
};
// The first round compiles and connects.
await msOf(bare);
await msOf(bought);
const figures = { bareMs: await msOf(bare), boughtMs: await msOf(bought) };
await database.close();
process.stdout.write(`${JSON.stringify(figures)}\n`);
