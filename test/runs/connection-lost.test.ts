import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { ConnectionLostError } from "../../src/domain/errors.ts";
import { drive } from "../../src/runs/drive.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  scenario: { faults: [{ kind: "stall", afterEvents: 2, when: { match: "slow" } }] },
});

it("a run whose locks are lost stops in the middle of a call, because another process may take the thread", async () => {
  const { engine, claude } = testEngine();
  const threadId = randomUUID();
  const task = { id: "a", agent: "sydney-coder", description: "a", prompt: "slow", dependsOn: [] };
  const options = { autoApprove: ["plan" as const] };
  const { signal } = new AbortController();
  const running = drive(graph, { input: "x", currentTasks: [task] }, { threadId, options, signal });
  const ended = running.then(
    () => "completed",
    (error: unknown) => error,
  );
  await expect.poll(() => claude.account().faults["stall"]).toBe(1);

  await engine.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
     AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || current_schema() || ':' || $1::text, 0)`,
    [threadId],
  );

  expect(await ended).toBeInstanceOf(ConnectionLostError);
  await expect.poll(() => claude.account().running).toBe(0);
  const other = await openEngine(engine.config, engine.folders, () => undefined);
  expect(await other.claims.claim(threadId)).toBe(true);
  await other.close();
});
