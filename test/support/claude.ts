import { randomUUID } from "node:crypto";
import { CallsUnderWay } from "../../src/calls/calls-under-way.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import type { Claude } from "../../src/calls/purpose.ts";
import { createService } from "../../src/calls/service.ts";
import type { Database } from "../../src/postgres/database.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/server.ts";

/** What the calls of a new thread need, with a simulator of their own to answer them. */
export async function simulatedClaude(
  database: Database,
  scenario: Partial<Scenario> = {},
  more: Partial<Claude> = {},
) {
  const server = await startSimulator({ scenario: parseScenario(scenario) });
  const driver = createMessagesTransport({ apiKey: "any", baseUrl: server.url, streamIdleMs: 10_000 });
  const claude: Claude = {
    service: createService(driver),
    database,
    maxTokens: 500,
    insideAgent: undefined,
    ceilings: {},
    underWay: new CallsUnderWay(),
    draining: new AbortController().signal,
    ...more,
  };
  const threadId = randomUUID();
  const thread = { graph: "g", input: "", options: {}, simulated: false, budgetUsd: 5 };
  await beginThread(database, { id: threadId, ...thread });
  return { server, claude, threadId };
}
