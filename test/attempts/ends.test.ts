import { describe, expect, it } from "vitest";
import { AwaitsHumanError } from "../../src/attempts/awaits-human.ts";
import type { AttemptEnd, Driver } from "../../src/attempts/driver.ts";
import { execute } from "../../src/attempts/execute.ts";
import { failed } from "../../src/attempts/judge-answer.ts";
import { CallError, type CallErrorKind } from "../../src/calls/call-error.ts";
import { OverBudgetError } from "../../src/calls/over-budget.ts";
import { MemoryExceededError, NestedSpawnError, ToolError } from "../../src/domain/errors.ts";
import { ladderFrom } from "../../src/domain/ladder.ts";
import { failedAttempts } from "../../src/postgres/task-attempts.ts";
import { agentTask, modelOf } from "../support/agent-task.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const RESULT = { summary: "s", output: "The work.", confidence: 1, emotionalState: {} };
const DONE: AttemptEnd = { isDone: true, result: RESULT };
const given = () => agentTask(testDatabase());

/** A driver whose attempts end one after the other like this, or throw it; the last one for ever. */
function ending(...ends: readonly (AttemptEnd | Error)[]) {
  const models: string[] = [];
  const known: number[] = [];
  const driver: Driver = async (request, _, model) => {
    models.push(model.id);
    known.push(request.failed.length);
    const end = ends[Math.min(models.length, ends.length) - 1] ?? DONE;
    if (end instanceof Error) throw end;
    return end;
  };
  return { driver, models, known };
}

describe("a task whose attempts fail", () => {
  const NO = failed("validation", "Not good.", RESULT);

  it("is tried five times on its own model, once on each above, and then asked about", async () => {
    const { request, context, database } = await given();
    const { driver, models, known } = ending(NO);
    const notes: string[] = [];
    const ladder = ladderFrom(modelOf("haiku"), [modelOf("sonnet"), modelOf("opus")]);

    const outcome = await execute(
      { ...request, ladder },
      { ...context, onNote: (note) => notes.push(note) },
      driver,
    );

    const [haiku, sonnet, opus] = ["haiku", "sonnet", "opus"].map((name) => modelOf(name).id);
    expect(models).toEqual([haiku, haiku, haiku, haiku, haiku, sonnet, opus]);
    expect(known).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const sentence = `7 attempts failed. The last one, on ${opus}: Not good.`;
    expect(outcome).toEqual({
      status: "waiting",
      model: opus,
      attempts: 7,
      escalated: true,
      error: sentence,
      waitingFor: { kind: "failure", sentence },
    });
    expect(notes[6]).toBe("Attempt 7 failed: Not good.");
    const recorded = await failedAttempts(database, request, "t");
    expect(recorded.map(({ attempt, model }) => [attempt, model])).toEqual(
      models.map((model, index) => [index + 1, model]),
    );
  });

  it("counts those before a human said again for its number, and not for its ladder", async () => {
    const { request, context } = await given();
    const earlier = { model: "m", failure: "tool", digest: "No." } as const;
    const before = [1, 2, 3, 4, 5].map((attempt) => ({ ...earlier, attempt }));
    const { driver, models } = ending(NO, DONE);

    const outcome = await execute({ ...request, failed: before, attemptsBefore: 5 }, context, driver);

    expect(outcome).toMatchObject({ status: "completed", attempts: 7, escalated: false, result: RESULT });
    expect(models).toHaveLength(2);
  });

  it("has one more attempt after one that took too much memory", async () => {
    const { request, context, database } = await given();
    const { driver } = ending(new MemoryExceededError("It took 900 MB."), DONE);
    expect(await execute(request, context, driver)).toMatchObject({ status: "completed", attempts: 2 });
    expect(await failedAttempts(database, request, "t")).toMatchObject([
      { failure: "memory", digest: "It took 900 MB." },
    ]);
  });
});

describe("an attempt that cannot end by itself", () => {
  const full = { ceiling: "thread", limitUsd: 0.3, spentUsd: 0.25, inFlightUsd: 0 } as const;
  const callError = (kind: CallErrorKind) => new CallError("No answer.", { kind });

  it.each([
    [
      "no room in the budget",
      new OverBudgetError(full, 0.1),
      { kind: "budget", ceiling: "thread", neededUsd: 0.1 },
    ],
    ["an account without money", callError("halted"), { kind: "budget", ceiling: "account" }],
    ["trouble on the way", callError("later"), { kind: "failure", sentence: "No answer." }],
    ["a tool that cannot be had", new ToolError("Gone."), { kind: "failure", sentence: "Gone." }],
    [
      "a call that must be allowed",
      new AwaitsHumanError({ kind: "tool", sentence: "Allow?", attempt: 2, turn: 1 }),
      { kind: "tool", sentence: "Allow?", attempt: 2, turn: 1 },
    ],
  ])("waits for a human over %s, and is no failed attempt", async (_, error, waitingFor) => {
    const { request, context, database } = await given();
    const { driver } = ending(failed("refusal", "No.", null), error);
    const outcome = await execute(request, context, driver);
    expect(outcome).toMatchObject({ status: "waiting", attempts: 1, waitingFor, error: error.message });
    expect(await failedAttempts(database, request, "t")).toHaveLength(1);
  });

  it.each([
    ["a request that is refused", callError("refused"), "request"],
    ["an agent that it started", new NestedSpawnError("Never."), "nested-spawn"],
  ])("has failed for good by %s", async (_, error, failure) => {
    const { request, context } = await given();
    const { driver, models } = ending(error);
    const outcome = await execute(request, context, driver);
    expect(outcome).toMatchObject({ status: "failed", attempts: 1, failure, error: error.message });
    expect(models).toHaveLength(1);
  });

  it.each([callError("aborted"), new Error("A defect.")])("has no outcome after %s", async (error) => {
    const { request, context } = await given();
    await expect(execute(request, context, ending(error).driver)).rejects.toBe(error);
  });
});
