import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pageOfThreads } from "../../src/postgres/threads/list.ts";
import {
  beginThread,
  endThread,
  findThread,
  getThread,
  type NewThread,
  renewThread,
} from "../../src/postgres/threads/threads.ts";
import { useTestDatabase } from "../support/database.ts";

const db = useTestDatabase();

function newThread(rest: Partial<NewThread> = {}): NewThread {
  const id = randomUUID();
  return {
    id,
    graph: "orchestrate",
    input: "do it",
    options: { parallel: 3 },
    simulated: false,
    budgetUsd: 0.3,
    ...rest,
  };
}

describe("beginThread", () => {
  it("makes a row for a new thread and keeps what a known one was started with", async () => {
    const thread = newThread();
    const begun = await beginThread(db(), thread);
    expect(begun).toMatchObject({ ...thread, status: "running", output: null, endedAt: null });
    await endThread(db(), thread.id, { status: "failed", output: null, error: "it broke" });
    const again = await beginThread(db(), {
      ...thread,
      input: "other",
      options: {},
      simulated: true,
      budgetUsd: 9,
    });
    expect(again).toMatchObject({ ...thread, status: "running", error: null, endedAt: null });
  });

  it("refuses a thread of another graph", async () => {
    const thread = newThread();
    await beginThread(db(), thread);
    await expect(beginThread(db(), { ...thread, graph: "quartet" })).rejects.toThrow(
      /belongs to another graph/,
    );
  });
});

describe("renewThread", () => {
  it("takes over new input and options", async () => {
    const thread = newThread();
    await beginThread(db(), thread);
    await endThread(db(), thread.id, { status: "completed", output: "old", error: null });
    await renewThread(db(), thread.id, "new", { model: "opus" });
    expect(await getThread(db(), thread.id)).toMatchObject({
      input: "new",
      options: { model: "opus" },
      output: null,
    });
  });
});

describe("endThread", () => {
  it("sets an end only where nothing more will happen", async () => {
    const thread = newThread();
    await beginThread(db(), thread);
    await endThread(db(), thread.id, { status: "waiting", output: null, error: null });
    expect((await getThread(db(), thread.id)).endedAt).toBeNull();
    await endThread(db(), thread.id, { status: "partial", output: "half", error: "half failed" });
    const ended = await getThread(db(), thread.id);
    expect(ended).toMatchObject({ status: "partial", output: "half", error: "half failed" });
    expect(Date.parse(ended.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(ended.createdAt));
  });
});

describe("findThread", () => {
  it("finds a thread by its id or by the beginning of it, where only one begins so", async () => {
    const twins = ["abcdef00-0000-4000-8000-000000000001", "abcdef00-0000-4000-8000-000000000002"];
    for (const id of twins) await beginThread(db(), newThread({ id }));
    const alone = await beginThread(db(), newThread());
    expect((await findThread(db(), alone.id.toUpperCase()))?.id).toBe(alone.id);
    expect((await findThread(db(), alone.id.slice(0, 13)))?.id).toBe(alone.id);
    expect(await findThread(db(), "abcdef00")).toBeUndefined();
    expect((await findThread(db(), twins[1] ?? ""))?.id).toBe(twins[1]);
  });

  it.each(["", "abc", "%", "____", "zzzz", "'; DROP TABLE threads; --"])(
    "finds nothing by %j",
    async (id) => {
      expect(await findThread(db(), id)).toBeUndefined();
      await expect(getThread(db(), id)).rejects.toThrow(/There is no thread/);
    },
  );
});

describe("pageOfThreads", () => {
  it("lists the newest first, with what they cost and how many tasks they have", async () => {
    const older = await beginThread(db(), newThread());
    const newer = await beginThread(db(), newThread());
    await db().pool.query(
      `INSERT INTO claude_calls (thread_id, phase, task_id, agent, request_hash, status, model, reserved_usd, cost_usd)
       VALUES ($1, 'plan', 'plan', 'a', 'h', 'committed', 'm', 1, 0.25), ($1, 'agents', 't', 'a', 'h', 'committed', 'm', 1, 0.5)`,
      [newer.id],
    );
    await db().pool.query(
      "INSERT INTO agent_coordination (session_id, execution_id, task_id, status) VALUES ($1, 'x', 't', 'pending')",
      [newer.id],
    );
    const [first, second] = await pageOfThreads(db(), {}, 2);
    expect(first).toMatchObject({ id: newer.id, costUsd: 0.75, tasks: { pending: 1 } });
    expect(second).toMatchObject({ id: older.id, costUsd: 0, tasks: { pending: 0 } });
  });
});
