import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { ConnectionLostError } from "../../src/domain/errors.ts";
import { drive } from "../../src/runs/drive.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  scenario: {
    faults: [
      { kind: "latency", ms: 1000, when: { match: "slow" } },
      { kind: "stall", afterEvents: 2, when: { match: "endless" } },
    ],
  },
});

/** A run in the middle of a call. */
async function runInACall(prompt: "slow" | "endless") {
  const { engine, claude } = testEngine();
  const threadId = randomUUID();
  const task = { id: "a", agent: "sydney-coder", description: "a", prompt, dependsOn: [] };
  const options = { autoApprove: ["plan" as const], synthesis: false };
  const { signal } = new AbortController();
  const running = drive(graph, { input: "x", currentTasks: [task] }, { threadId, options, signal });
  const ended = running.then(
    () => "completed",
    (error: unknown) => error,
  );
  await expect.poll(() => claude.account().running).toBe(1);
  const endLockConnection = () =>
    engine.database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'
       AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('decurion:' || current_schema() || ':' || $1::text, 0)`,
      [threadId],
    );
  return { threadId, ended, endLockConnection };
}

describe("a run whose connection with the locks is lost in the middle of a call", () => {
  it("goes on, and its answer is paid once", async () => {
    const { engine } = testEngine();
    const { threadId, ended, endLockConnection } = await runInACall("slow");

    await endLockConnection();

    expect(await ended).toBe("completed");
    const report = await reportThread(engine.database, threadId);
    expect(report).toMatchObject({ status: "completed", calls: { paid: 1, unknown: 0 } });
  });

  it("stops when another process had the thread meanwhile", async () => {
    const { engine, claude } = testEngine();
    const { threadId, ended, endLockConnection } = await runInACall("endless");

    await engine.database.pool.query("UPDATE threads SET epoch = epoch + 1 WHERE thread_id = $1", [threadId]);
    await endLockConnection();

    expect(await ended).toBeInstanceOf(ConnectionLostError);
    await expect.poll(() => claude.account().running).toBe(0);
  });
});
