import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { StoredStatus } from "../../src/domain/task.ts";
import { openExecution } from "../../src/postgres/agent-coordination/executions.ts";
import { createCheckpointer } from "../../src/postgres/checkpoints/checkpointer.ts";
import { askHuman } from "../../src/postgres/requests.ts";
import { openSessionLocks } from "../../src/postgres/session-locks.ts";
import { TABLES } from "../../src/postgres/tables.ts";
import { recordAttempt } from "../../src/postgres/task-attempts.ts";
import { pruneThreads } from "../../src/postgres/threads/prune.ts";
import { beginThread, endThread, findThread } from "../../src/postgres/threads/threads.ts";
import { beginToolCall } from "../../src/postgres/tool-calls.ts";
import { useTestDatabase } from "../support/database.ts";
import { reservedCall } from "../support/reserved-call.ts";

const db = useTestDatabase();
const DAY = 86_400;

/** A thread with rows in every table that nothing has happened to for so many days. */
async function thread(days: number, status: StoredStatus, hasOpenRequest = false): Promise<string> {
  const id = randomUUID();
  await beginThread(db(), { id, graph: "g", input: "x", options: {}, simulated: false, budgetUsd: 1 });
  const execution = { threadId: id, executionId: "e" };
  const task = { id: "a", agent: "c", description: "", prompt: "", dependsOn: [], wave: 0, dependants: [] };
  await openExecution(db(), execution, [task]);
  const failed = { attempt: 1, model: "m", failure: "refusal", digest: "no", answer: null } as const;
  await recordAttempt(db(), execution, "a", failed);
  const callId = await reservedCall(db(), id, { opening: { prompt: "Do it." } });
  const turn = { threadId: id, executionId: "e", taskId: "a", attempt: 1, turn: 1, callId };
  await beginToolCall(db(), turn, { position: 1, toolUseId: "u", name: "bash", input: {} });
  const request = { threadId: id, kind: "plan" as const, taskId: null, summary: "", payload: {} };
  await askHuman(db(), { id: `plan-${id}`, ...request });
  if (!hasOpenRequest)
    await db().pool.query("UPDATE requests SET status = 'answered' WHERE thread_id = $1", [id]);
  const saver = createCheckpointer(async () => db());
  const config = { configurable: { thread_id: id, checkpoint_ns: "" } };
  const checkpoint = {
    v: 4,
    id: randomUUID(),
    ts: new Date().toISOString(),
    channel_values: { a: ["big"] },
    channel_versions: { a: "1" },
    versions_seen: {},
  };
  const saved = await saver.put(config, checkpoint, { source: "input", step: 0, parents: {} }, { a: "1" });
  await saver.putWrites(saved, [["a", 1]], "task");
  await endThread(db(), id, { status, output: null, error: null });
  await db().pool.query(
    "UPDATE threads SET updated_at = updated_at - make_interval(days => $2) WHERE thread_id = $1",
    [id, days],
  );
  return id;
}

async function rowsOf(id: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name: table } of TABLES) {
    const column = table === "task_attempts" || table === "agent_coordination" ? "session_id" : "thread_id";
    const { rows } = await db().pool.query(`SELECT FROM ${table} WHERE ${column}::text = $1`, [id]);
    counts[table] = rows.length;
  }
  return counts;
}

describe("prune", () => {
  it("deletes old threads with every row they own, and no other", async () => {
    const [old, stopped, young] = [
      await thread(31, "completed"),
      await thread(31, "running"),
      await thread(29, "failed"),
    ];
    for (const count of Object.values(await rowsOf(old))) expect(count).toBe(1);

    expect(await pruneThreads(db(), 30 * DAY, true)).toMatchObject({ deleted: 2 });
    expect(await findThread(db(), old)).toBeDefined();
    expect(await pruneThreads(db(), 30 * DAY)).toEqual({ deleted: 2, waiting: 0, running: 0 });

    for (const id of [old, stopped])
      for (const count of Object.values(await rowsOf(id))) expect(count).toBe(0);
    for (const count of Object.values(await rowsOf(young))) expect(count).toBe(1);
  });

  it("keeps what waits for a human, however old", async () => {
    const waiting = await thread(400, "waiting");
    const asking = await thread(400, "completed", true);
    expect(await pruneThreads(db(), 30 * DAY)).toEqual({ deleted: 0, waiting: 2, running: 0 });
    for (const id of [waiting, asking]) expect(await findThread(db(), id)).toBeDefined();
  });

  it("keeps what some process runs", async () => {
    const locked = await thread(50, "running");
    const locks = await openSessionLocks(db());
    expect(await locks.lockThread(locked)).toBe(true);
    expect(await pruneThreads(db(), 30 * DAY)).toMatchObject({ deleted: 0, running: 1 });
    await locks.close();
    expect(await pruneThreads(db(), 30 * DAY)).toMatchObject({ deleted: 1, running: 0 });
  });
});
