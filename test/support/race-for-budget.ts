// Ten agents of one process race for a thread's budget: each reserves a call, settles it, and begins again.
// Usage: race-for-budget.ts URL SCHEMA THREAD SEED; prints how many calls found room.

import { commitCall, failCall } from "../../src/postgres/claude-calls/ledger.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import { openDatabase } from "../../src/postgres/database.ts";

const [, , url = "", schema = "", threadId = "", seed = "1"] = process.argv;
const database = await openDatabase({ url, schema, poolSize: 10 });
let state = Number(seed);
const chance = () => {
  state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
  return state / 2 ** 31;
};
let reserved = 0;

async function agent(name: string): Promise<void> {
  for (let turn = 1; turn <= 12; turn++) {
    const reservedUsd = 0.01 + chance() * 0.04;
    const answer = await reserveCall(database, {
      threadId,
      phase: "agents",
      taskId: name,
      agent: name,
      attempt: 1,
      turn,
      executionId: "x",
      requestHash: `${turn}`,
      model: "m",
      reservedUsd,
    });
    if ("full" in answer) continue;
    reserved += 1;
    const fate = chance();
    const usage = { input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
    const settlement = { usage, costUsd: reservedUsd * chance(), response: {}, requestId: null };
    if (fate < 0.1) await failCall(database, answer.id, "failed", "x");
    else if (fate < 0.2) await failCall(database, answer.id, "unknown", "x");
    else if (fate < 0.95) await commitCall(database, { id: answer.id, ...settlement });
  }
}

await Promise.all(Array.from({ length: 10 }, (_, index) => agent(`${seed}-${index}`)));
process.stdout.write(`${reserved}\n`);
await database.close();
