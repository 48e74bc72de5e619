import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { isThreadLocked } from "../../src/postgres/lock-statements.ts";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { drive } from "../../src/runs/drive.ts";
import { processEngine } from "../../src/runs/engine-holder.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();

it("a process whose every connection was lost goes on with the same engine", async () => {
  const { engine } = testEngine();
  const { database } = engine;
  const thread = randomUUID();
  expect(await engine.claims.claim(thread)).toBe(true);

  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
     AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || current_schema() || ':' || $1::text, 0)`,
    [thread],
  );
  const ended = database.pool.query("SELECT pg_terminate_backend(pg_backend_pid())");
  await expect(ended).rejects.toThrow();

  await expect.poll(() => isThreadLocked(database, thread).catch(() => false)).toBe(true);
  expect(await processEngine()).toBe(engine);
  await engine.release(thread);
  const task = { id: "a", agent: "sydney-coder", description: "a", prompt: "Do a.", dependsOn: [] };
  const { graph } = await import("../../graphs/orchestrate.ts");
  const { signal } = new AbortController();
  const options = { autoApprove: ["plan" as const], synthesis: false };
  await drive(graph, { input: "x", currentTasks: [task] }, { threadId: thread, options, signal });
  expect((await getThread(database, thread)).status).toBe("completed");
});
