// The same calls one after the other, by the driver alone, with every guarantee, and with every guarantee as a turn that opens
// no conversation: prints the milliseconds of each.
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
const ANSWERED = [
  { role: "assistant" as const, content: [{ type: "text" as const, text: "One." }] },
  { role: "user" as const, content: "Go on." },
];
const buy = (index: number, turn: number) => {
  attempt += 1;
  return buyTurn(
    claude,
    { system: "Be brief.", prompt: promptOf(index), ...(turn > 1 && { continued: ANSWERED }) },
    {
      threadId,
      phase: "agents",
      taskId: `${index}`,
      executionId: "x",
      agent: "a",
      model,
      attempt,
      turn,
      mayReplay: false,
      signal,
    },
  );
};
const bought = (index: number) => buy(index, 1);
const continued = (index: number) => buy(index, 2);
const KINDS = [bare, bought, continued] as const;
// The first round compiles and connects.
for (const kind of KINDS) await msOf(kind);
const [bareMs, boughtMs, continuedMs] = [await msOf(bare), await msOf(bought), await msOf(continued)];
await database.close();
process.stdout.write(`${JSON.stringify({ bareMs, boughtMs, continuedMs, openings: 2 * tasks })}\n`);
