import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { getThread } from "../../src/postgres/threads/threads.ts";
import { drive } from "../../src/runs/drive.ts";
import { processEngine } from "../../src/runs/engine-holder.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine();

it("a process whose connection was lost has another engine at the next use, and one for all who ask", async () => {
  const { engine } = testEngine();
  const { database } = engine;
  expect(await processEngine()).toBe(engine);
  const thread = randomUUID();
  expect(await engine.claims.claim(thread)).toBe(true);
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks
     WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint)
       = hashtextextended('decurion:' || current_schema() || ':' || $1::text, 0)`,
    [thread],
  );
  await expect.poll(() => engine.lost.aborted).toBe(true);

  const [one, other] = await Promise.all([processEngine(), processEngine()]);

  expect(one).not.toBe(engine);
  expect(other).toBe(one);
  expect(await one.claims.claim(thread)).toBe(true);
  await one.release(thread);
  const task = { id: "a", agent: "sydney-coder", description: "a", prompt: "Do a.", dependsOn: [] };
  const { graph } = await import("../../graphs/orchestrate.ts");
  const { signal } = new AbortController();
  const options = { autoApprove: ["plan" as const], synthesis: false };
  await drive(graph, { input: "x", currentTasks: [task] }, { threadId: thread, options, signal });
  expect((await getThread(one.database, thread)).status).toBe("completed");
});
