import { describe, expect, it } from "vitest";
import type { Driver } from "../../src/attempts/driver.ts";
import { execute } from "../../src/attempts/execute.ts";
import { ToolError } from "../../src/domain/errors.ts";
import { attemptTask } from "../../src/drivers/messages/attempt.ts";
import { commitCall } from "../../src/postgres/claude-calls/ledger.ts";
import { agentTask } from "../support/agent-task.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const given = () => agentTask(testDatabase());

describe("the call whose answer completes a task", () => {
  it("is handed over with the outcome before it is committed, and the outcome is returned", async () => {
    const { request, context, calls, database } = await given();
    const handed: unknown[] = [];

    const outcome = await execute(
      request,
      {
        ...context,
        complete: async (completed, call) => {
          handed.push([completed, await calls()]);
          await commitCall(database, call);
        },
      },
      attemptTask,
    );

    expect(outcome).toMatchObject({ status: "completed", attempts: 1, escalated: false });
    expect(handed).toEqual([[outcome, ["reserved"]]]);
    expect(await calls()).toEqual(["committed"]);
  });

  it("is committed by itself where something else decides about the result", async () => {
    const { request, context, calls } = await given();
    const complete = () => Promise.reject(new Error("It must not be asked."));

    const outcome = await execute(
      { ...request, validate: { schema: { type: "string" } } },
      { ...context, complete },
      attemptTask,
    );

    expect(outcome).toMatchObject({ status: "completed", attempts: 1 });
    expect(await calls()).toEqual(["committed"]);
  });

  it("is committed although its outcome could not be recorded with it; whoever asked records the outcome", async () => {
    const { request, context, calls } = await given();
    const complete = () => Promise.reject(new Error("The table is gone."));

    expect(await execute(request, { ...context, complete }, attemptTask)).toMatchObject({
      status: "completed",
    });

    expect(await calls()).toEqual(["committed"]);
  });

  it("is committed, and the outcome returned, when the connection was lost on the way", async () => {
    const { request, context, calls } = await given();
    const complete = () => Promise.reject(new Error("Connection terminated unexpectedly"));

    const outcome = await execute(request, { ...context, complete }, attemptTask);

    expect(outcome).toMatchObject({ status: "completed", attempts: 1 });
    expect(await calls()).toEqual(["committed"]);
  });

  it("is committed and completes nothing when the attempt has taken more memory than it may", async () => {
    const { request, context, calls, database } = await given();
    const completed: number[] = [];
    const overMemory: Driver = (asked, attemptContext, model, attempt) => {
      const { memory } = attemptContext;
      const onText = () => memory.passed([{ name: "cc", mb: 801 }]);
      return attemptTask(
        asked,
        attempt === 1 ? { ...attemptContext, onText } : attemptContext,
        model,
        attempt,
      );
    };

    const outcome = await execute(
      request,
      {
        ...context,
        complete: async ({ attempts }, call) => {
          completed.push(attempts);
          await commitCall(database, call);
        },
      },
      overMemory,
    );

    expect(outcome).toMatchObject({ status: "completed", attempts: 2 });
    expect(completed).toEqual([2]);
    expect(await calls()).toEqual(["committed", "committed"]);
  });

  it("stays what completed it, whatever goes wrong after that", async () => {
    const { request, context, calls, database } = await given();
    const outcome = await execute(
      request,
      { ...context, complete: (_, call) => commitCall(database, call) },
      async (...attempt) => {
        await attemptTask(...attempt);
        throw new ToolError("A tool could not be closed.");
      },
    );

    expect(outcome).toMatchObject({ status: "completed", attempts: 1 });
    expect(await calls()).toEqual(["committed"]);
  });
});
