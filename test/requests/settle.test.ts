import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/domain/decision.ts";
import { rowsOf } from "../../src/nodes/executor-tasks.ts";
import {
  claimTask,
  type Execution,
  openExecution,
} from "../../src/postgres/agent-coordination/executions.ts";
import { recordOutcome, type WaitingFor } from "../../src/postgres/agent-coordination/outcomes.ts";
import { taskRecords } from "../../src/postgres/agent-coordination/tasks.ts";
import { waitingTasks } from "../../src/postgres/agent-coordination/waiting.ts";
import type { NewRequest } from "../../src/postgres/requests.ts";
import { recordAttempt } from "../../src/postgres/task-attempts.ts";
import { beginThread, getThread } from "../../src/postgres/threads/threads.ts";
import { askForToolCalls, toolCallsOf } from "../../src/postgres/tool-calls.ts";
import { budgetRequest, raiseAsDecided } from "../../src/requests/budget.ts";
import { failureRequest } from "../../src/requests/failure.ts";
import { kindOf } from "../../src/requests/kinds.ts";
import { toolRequest } from "../../src/requests/tool.ts";
import { useTestDatabase } from "../support/database.ts";
import { planTask } from "../support/plan-task.ts";
import { reservedCall } from "../support/reserved-call.ts";

const database = useTestDatabase();
const SCOPE = { planFrom: () => Promise.resolve([]) };
const FAILURE = { kind: "failure", sentence: "It failed." } as const;
const GAP = { kind: "budget", ceiling: "thread", sentence: "No room.", limitUsd: 0.3, spentUsd: 0 } as const;
const WORK = { summary: "short", output: "x".repeat(5000), confidence: 0, emotionalState: {} };

/** A thread of 0.30 USD whose tasks wait for a human after two attempts. */
async function waiting(waitingFor: WaitingFor, ids = ["a"]): Promise<Execution> {
  const execution = { threadId: randomUUID(), executionId: randomUUID() };
  const { threadId: id } = execution;
  await beginThread(database(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd: 0.3 });
  await openExecution(database(), execution, rowsOf(ids.map((taskId) => planTask(taskId))));
  for (const taskId of ids) {
    const laneId = randomUUID();
    await claimTask(database(), execution, laneId);
    const outcome = { status: "waiting", result: null, model: "m", attempts: 2, escalated: true } as const;
    const error = waitingFor.sentence;
    await recordOutcome(database(), execution, {
      taskId,
      laneId,
      outcome: { ...outcome, error, waitingFor },
    });
  }
  return execution;
}

/** Checks an answer and does what was decided. */
async function settle(execution: Execution, request: NewRequest, decision: Decision): Promise<void> {
  const kind = kindOf(request);
  await kind.check(request, decision, SCOPE);
  const tasks = await waitingTasks(database(), execution);
  await kind.settle({ database: database(), execution, asked: request, tasks, decision });
}

const records = ({ threadId }: Execution) => taskRecords(database(), threadId);
const budgetOf = async ({ threadId }: Execution) => (await getThread(database(), threadId)).budgetUsd;
const taken = (execution: Execution) => claimTask(database(), execution, randomUUID());

describe("a ceiling without room", () => {
  const ask = (
    { threadId }: Execution,
    gap: Omit<WaitingFor & { kind: "budget" }, "neededUsd">,
    needsUsd = [0.2, 0.1111],
  ) =>
    budgetRequest(
      { database: database(), threadId, stop: undefined },
      { gap: { ...gap, neededUsd: 0 }, tasks: ["a", "b"], needsUsd },
    );
  const given = (gap: Partial<typeof GAP | { ceiling: "task" | "day" | "account" }> = {}) => {
    const full = { ...GAP, neededUsd: 0, ...gap };
    return waiting(full, ["a", "b"]).then(async (execution) => ({
      execution,
      request: await ask(execution, full),
    }));
  };

  it("is proposed to be raised so that all that wait fit, in whole cents, and never to less than it is", async () => {
    const { execution, request } = await given();
    expect(request).toMatchObject({ taskId: null, summary: "No room. Raise it to $0.32?" });
    const neededUsd = expect.closeTo(0.3111, 9);
    expect(request.payload).toMatchObject({ nextUsd: 0.1111, neededUsd, budgetUsd: 0.32 });
    const exact = await ask(execution, GAP, [0.1, 0.2]);
    expect(exact.payload).toMatchObject({ budgetUsd: 0.3 });
    const ample = await ask(execution, { ...GAP, limitUsd: 0.7 });
    expect(ample.payload).toMatchObject({ budgetUsd: 0.7 });
  });

  it("of a thread has spent what the ledger says, any other what its gap says", async () => {
    const { execution } = await given();
    const spent = async (ceiling: "thread" | "day") =>
      (await ask(execution, { ...GAP, ceiling, spentUsd: 0.25 })).payload;
    expect(await spent("thread")).toMatchObject({ spentUsd: 0 });
    expect(await spent("day")).toMatchObject({ spentUsd: 0.25 });
  });

  it("is raised for the thread, whose tasks go on where they were", async () => {
    const { execution, request } = await given();
    await settle(execution, request, { type: "approve" });
    expect(await budgetOf(execution)).toBe(0.32);
    expect(await taken(execution)).toMatchObject({ id: "a", attemptsBefore: 0, budgetUsd: null });
    expect(await taken(execution)).toMatchObject({ id: "b", attemptsBefore: 0, budgetUsd: null });
  });

  it("may be raised to just what the cheapest call needs, and to nothing below that", async () => {
    const { execution, request } = await given();
    const raise = (budgetUsd: unknown) =>
      raiseAsDecided(database(), execution.threadId, request, { type: "edit", args: { budgetUsd } });
    await expect(raise(0.111)).rejects.toThrow(/at least 0\.12 USD.*\$0\.0000.*\$0\.1111/);
    await expect(raise("1")).rejects.toThrow("at least");
    expect(await budgetOf(execution)).toBe(0.3);
    await raise(0.1111);
    expect(await budgetOf(execution)).toBe(0.3);
    await raise(0.5);
    expect(await budgetOf(execution)).toBe(0.5);
  });

  it("of one task is raised for that task alone", async () => {
    const { execution, request } = await given({ ceiling: "task" });
    expect(request.taskId).toBe("a");
    await settle(execution, request, { type: "edit", args: { budgetUsd: 2 } });
    expect(await taken(execution)).toMatchObject({ id: "a", budgetUsd: 2 });
    expect(await budgetOf(execution)).toBe(0.3);
  });

  it.each([
    ["day", /^No room\. .*DAY_BUDGET_USD.*approve to try again/],
    ["account", /^No room\. .*approve to try again/],
  ] as const)(
    "that is not ours (%s) is tried again when that is approved, and raises nothing",
    async (ceiling, says) => {
      const { execution, request } = await given({ ceiling });
      expect(request).toMatchObject({ summary: expect.stringMatching(says), taskId: null });
      expect(request.payload).not.toHaveProperty("budgetUsd");
      await settle(execution, request, { type: "approve" });
      expect(await taken(execution)).toMatchObject({ id: "a", budgetUsd: null });
      expect(await budgetOf(execution)).toBe(0.3);
    },
  );

  it("that stays as it is fails all that wait, with the reason if there is one", async () => {
    for (const [message, error] of [
      ["Too dear.", "No room. A human gave it up: Too dear."],
      ["", "No room."],
    ] as const) {
      const { execution, request } = await given();
      await settle(execution, request, { type: "reject", message });
      expect(await records(execution)).toMatchObject([
        { id: "a", status: "failed", error, attempts: 2, escalated: true },
        { id: "b", status: "failed", error, attempts: 2, escalated: true },
      ]);
      expect(await budgetOf(execution)).toBe(0.3);
    }
  });
});

describe("a task that has failed to the end of its ladder", () => {
  const given = async (answer: typeof WORK | null) => {
    const execution = await waiting(FAILURE);
    const attempt = { attempt: 1, model: "m", failure: "tool", digest: "No such tool.", answer } as const;
    await recordAttempt(database(), execution, "a", attempt);
    const [task] = await waitingTasks(database(), execution);
    if (!task) throw new Error("The task does not wait.");
    const request = await failureRequest({ database: database(), execution, stop: undefined }, task);
    return { execution, request };
  };

  it("is asked about with its prompt, its failures and the whole of its last answer", async () => {
    const { request } = await given(WORK);
    expect(request).toMatchObject({
      taskId: "a",
      summary: 'Task "a" could not be done: It failed.',
      payload: { prompt: "Do a.", attempts: [{ attempt: 1, failure: "tool", digest: "No such tool." }] },
    });
    expect(request.payload).toHaveProperty("answer", WORK.output);
  });

  it("is completed by the whole of that answer when a human takes it", async () => {
    const { execution, request } = await given(WORK);
    await settle(execution, request, { type: "approve" });
    expect(await records(execution)).toMatchObject([
      { status: "completed", output: WORK.output, error: null, attempts: 2, escalated: true },
    ]);
  });

  it("cannot be taken without an answer", async () => {
    const { execution, request } = await given(null);
    await expect(settle(execution, request, { type: "approve" })).rejects.toThrow("not with approve");
  });

  it("begins its ladder again with a new prompt or with advice", async () => {
    const edited = await given(null);
    const edit = { type: "edit", args: { prompt: " Do it better. " } } as const;
    await settle(edited.execution, edited.request, edit);
    expect(await taken(edited.execution)).toMatchObject({
      prompt: "Do it better.",
      attemptsBefore: 2,
      advice: null,
    });
    const advised = await given(null);
    await settle(advised.execution, advised.request, { type: "respond", message: "Use JSON." });
    expect(await taken(advised.execution)).toMatchObject({
      prompt: "Do a.",
      attemptsBefore: 2,
      advice: "Use JSON.",
    });
  });

  it("takes no edit without a prompt", async () => {
    const { execution, request } = await given(null);
    for (const args of [{}, { prompt: " " }, "Do it."]) {
      await expect(settle(execution, request, { type: "edit", args })).rejects.toThrow(
        `The edit of ${request.id} must`,
      );
    }
  });

  it("fails for good when it is given up", async () => {
    const { execution, request } = await given(WORK);
    await settle(execution, request, { type: "reject", message: "Not worth it." });
    const error = "It failed. A human gave it up: Not worth it.";
    expect(await records(execution)).toMatchObject([{ status: "failed", output: null, error }]);
  });
});

describe("a call that a human must allow", () => {
  it("keeps the decision about it, and its task goes on in the same attempt", async () => {
    const execution = await waiting({
      kind: "tool",
      sentence: "A human must allow it.",
      attempt: 1,
      turn: 1,
    });
    const callId = await reservedCall(database(), execution.threadId, execution);
    const key = { ...execution, taskId: "a", attempt: 1, turn: 1, callId };
    const call = { position: 1, toolUseId: "toolu_1", name: "Bash", input: { command: "ls" } };
    await askForToolCalls(database(), key, [call]);
    const request = toolRequest({ key, agent: "coder", call });
    expect(request.summary).toBe('Task "a" (coder) asks to use Bash: {"command":"ls"}');
    const decision = { type: "edit", args: { command: "pwd" } } as const;
    await settle(execution, request, decision);
    expect(await toolCallsOf(database(), key)).toMatchObject([{ status: "asked", decision }]);
    expect(await taken(execution)).toMatchObject({ id: "a", attemptsBefore: 0 });
  });
});

it("an answer that no task waits for is a defect", async () => {
  const execution = await waiting(FAILURE);
  const asked = { id: "plan-1", kind: "plan", payload: {} };
  const answer = {
    database: database(),
    execution,
    asked,
    tasks: [],
    decision: { type: "approve" } as const,
  };
  await expect(kindOf(asked).settle(answer)).rejects.toThrow("No task waits for an answer");
});
