import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../../src/nodes/executor-tasks.ts";
import { claimTask, openExecution } from "../../src/postgres/agent-coordination/executions.ts";
import { recordOutcome } from "../../src/postgres/agent-coordination/outcomes.ts";
import { findTask, listTasks, taskRecords } from "../../src/postgres/agent-coordination/tasks.ts";
import { taskEndings } from "../../src/postgres/agent-coordination/thread-results.ts";
import { createCheckpointer } from "../../src/postgres/checkpoints/checkpointer.ts";
import { callsOfTask } from "../../src/postgres/claude-calls/calls.ts";
import { reserveCall } from "../../src/postgres/claude-calls/reserve.ts";
import { beginThread } from "../../src/postgres/threads/threads.ts";
import { useTestDatabase } from "../support/database.ts";
import { planTask } from "../support/plan-task.ts";

const db = useTestDatabase();
const LANE = randomUUID();

async function begin(): Promise<string> {
  const id = randomUUID();
  await beginThread(db(), { id, graph: "g", input: "", options: {}, simulated: false, budgetUsd: 1 });
  return id;
}

/** Writes a checkpoint of the thread, by an id of its order, after another one. */
async function checkpoint(threadId: string, id: string, parent?: string): Promise<string> {
  const place = { thread_id: threadId, checkpoint_ns: "", ...(parent && { checkpoint_id: parent }) };
  const empty = { channel_values: {}, channel_versions: {}, versions_seen: {} };
  await createCheckpointer(async () => db()).put(
    { configurable: place },
    { v: 4, id, ts: new Date().toISOString(), ...empty },
    { source: "loop", step: 0, parents: {} },
    {},
  );
  return id;
}

async function open(threadId: string, node: string, ids: readonly string[], checkpointId?: string) {
  const execution = { threadId, executionId: randomUUID(), node, checkpointId };
  await openExecution(db(), execution, rowsOf(ids.map((id) => planTask(id))));
  return execution;
}

const shown = async (threadId: string) =>
  (await listTasks(db(), threadId)).map(({ execution, id, status }) => `${execution} ${id} ${status}`);

describe("the tasks of a thread", () => {
  it("are those of all nodes on its branch, whichever have tasks of the same id", async () => {
    const threadId = await begin();
    const [one, two] = [await checkpoint(threadId, "1"), await checkpoint(threadId, "2", "1")];
    const write = await open(threadId, "write", ["b", "a"], one);
    const review = await open(threadId, "review", ["a"], two);
    await claimTask(db(), review, LANE);
    await reserveCall(db(), {
      threadId,
      phase: "agents",
      taskId: "a",
      executionId: review.executionId,
      agent: "coder",
      attempt: 1,
      turn: 1,
      requestHash: "h",
      model: "m",
      reservedUsd: 0.1,
    });

    expect(await shown(threadId)).toEqual(["write b pending", "write a pending", "review a running"]);
    const found = await findTask(db(), { threadId, taskId: "a", execution: "review" });
    expect(found).toMatchObject({ executionId: review.executionId, task: { status: "running", lane: 1 } });
    expect((await findTask(db(), { threadId, taskId: "a" }))?.executionId).toBe(write.executionId);
    expect(await findTask(db(), { threadId, taskId: "a", execution: "none" })).toBeUndefined();
    const callsOf = (node: string) => callsOfTask(db(), { threadId, taskId: "a", node });
    expect([(await callsOf("review")).length, (await callsOf("write")).length]).toEqual([1, 0]);
  });

  it("are those of nodes that run in parallel from one checkpoint", async () => {
    const threadId = await begin();
    const one = await checkpoint(threadId, "1");
    await open(threadId, "left", ["a"], one);
    await open(threadId, "right", ["b"], one);
    expect(await shown(threadId)).toEqual(["left a pending", "right b pending"]);
    expect((await taskEndings(db(), threadId)).map(({ status }) => status)).toEqual(["pending", "pending"]);
  });

  it("leave with the branch that a fork leaves behind", async () => {
    const threadId = await begin();
    await checkpoint(threadId, "1");
    await open(threadId, "run", ["kept"], "1");
    await checkpoint(threadId, "2", "1");
    await open(threadId, "run", ["left"], "2");
    await checkpoint(threadId, "3", "2");
    await checkpoint(threadId, "4", "1");
    await open(threadId, "run", ["new"], "4");
    expect(await shown(threadId)).toEqual(["run kept pending", "run new pending"]);
  });

  it("are those of the newest execution where no checkpoint is known, as in rows older than that", async () => {
    const threadId = await begin();
    await open(threadId, "run", ["old"]);
    await open(threadId, "run", ["new"]);
    await db().pool.query("UPDATE agent_coordination SET node = NULL WHERE session_id = $1", [threadId]);
    expect(await shown(threadId)).toEqual(["null new pending"]);
    await checkpoint(threadId, "1");
    expect(await shown(threadId)).toEqual(["null new pending"]);
    await open(threadId, "run", ["newest"]); // From the newest checkpoint, when none is given.
    expect(await shown(threadId)).toEqual(["run newest pending"]);
  });

  it("come with whole texts only where those are wanted", async () => {
    const threadId = await begin();
    const execution = await open(threadId, "run", ["a"]);
    await claimTask(db(), execution, LANE);
    const result = { summary: "s".repeat(900), output: "the work", confidence: 0.5, emotionalState: {} };
    const ended = { error: null, waitingFor: null, model: "m", attempts: 1, escalated: false };
    const outcome = { status: "completed" as const, result, ...ended };
    await recordOutcome(db(), execution, { taskId: "a", laneId: LANE, outcome });

    const [[row], [record]] = [await listTasks(db(), threadId), await taskRecords(db(), threadId)];
    expect(row?.summary).toHaveLength(500);
    expect(row).not.toHaveProperty("output");
    const { summary, output, prompt, confidence } = { ...record };
    expect({ summary, output, prompt, confidence }).toEqual({
      summary: result.summary,
      output: "the work",
      prompt: "Do a.",
      confidence: 0.5,
    });
    expect((await findTask(db(), { threadId, taskId: "a" }))?.task).toEqual(record);
  });
});
