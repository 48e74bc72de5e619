import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { checkAccounts } from "../../../src/drivers/claude-code/check-accounts.ts";
import { resultSchema } from "../../../src/drivers/claude-code/package.ts";
import { commitCall } from "../../../src/postgres/claude-calls/ledger.ts";
import { reserveCall } from "../../../src/postgres/claude-calls/reserve.ts";
import { beginThread } from "../../../src/postgres/threads/threads.ts";
import { useTestDatabase } from "../../support/database.ts";

const testDatabase = useTestDatabase();
const TASK = { threadId: randomUUID(), taskId: "a" };

const resultOf = (...outputTokens: number[]) =>
  resultSchema.parse({
    type: "result",
    subtype: "success",
    modelUsage: Object.fromEntries(
      outputTokens.map((tokens, index) => [`model ${index}`, { outputTokens: tokens }]),
    ),
  });

describe("what Claude Code says that it used", () => {
  it("may be what was bought for the attempt, but no more", async () => {
    const database = testDatabase();
    await beginThread(database, {
      id: TASK.threadId,
      graph: "orchestrate",
      input: "x",
      options: {},
      simulated: false,
      budgetUsd: 1,
    });
    const call = {
      ...TASK,
      phase: "agents" as const,
      attempt: 1,
      turn: 1,
      requestHash: "x",
      executionId: "e",
    };
    const reservation = await reserveCall(database, { ...call, agent: "a", model: "m", reservedUsd: 0.1 });
    if (!("id" in reservation)) throw new Error("There was no room.");
    const usage = { ...NO_USAGE, output: 50 };
    await commitCall(database, { id: reservation.id, usage, costUsd: 0.01, response: {}, requestId: null });

    await checkAccounts(database, TASK, 1, resultOf(20, 30));
    await checkAccounts(database, TASK, 1, resultOf());
    const error = await checkAccounts(database, TASK, 1, resultOf(20, 31)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "CallError", kind: "refused" });
    expect(String(error)).toContain('used 51 output tokens for task "a", but only 50 were bought');
    await expect(checkAccounts(database, TASK, 2, resultOf(1))).rejects.toThrow("only 0 were bought");
  });
});
