import { randomUUID } from "node:crypto";
import { END } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { parseDecision } from "../../src/domain/decision.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { cancelThread } from "../../src/runs/cancel.ts";
import { drive } from "../../src/runs/drive.ts";
import { openEngine } from "../../src/runs/open-engine.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";
import { reservedCall } from "../support/reserved-call.ts";

const testEngine = useEngine({
  scenario: { faults: [{ kind: "stall", afterEvents: 2, when: { match: "slow" } }] },
});
const task = (id: string, prompt: string, dependsOn: string[] = []) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn,
});

describe("a thread that is cancelled", () => {
  it("while it waits is over at once: its question is withdrawn and can no longer be answered", async () => {
    const { engine, run } = testEngine();
    const { thread, waiting } = await run({ input: "x", currentTasks: [task("a", "one")] });

    expect(await cancelThread(engine, thread)).toBe(true);

    const report = await reportThread(engine.database, thread);
    expect(report).toMatchObject({ status: "cancelled", waiting: [], error: "It was cancelled." });
    const [request] = waiting;
    const answer = recordAnswer(engine, request?.id ?? "", parseDecision("approve", ""), {
      by: null,
      via: "sdk" as const,
    });
    await expect(answer).rejects.toThrow(/was withdrawn/);
    await expect(cancelThread(engine, thread)).rejects.toThrow(/has ended \(cancelled\)/);
  });

  it.each([
    ["cancelled", (id: string) => cancelThread(testEngine().engine, id)],
    ["completed", (id: string) => graph.updateState({ configurable: { thread_id: id } }, null, END)],
  ])("settles the calls of a process that was killed: %s", async (status, end) => {
    const { engine, run } = testEngine();
    const { thread } = await run({ input: "x", currentTasks: [task("a", "one")] });
    const id = await reservedCall(engine.database, thread, { reservedUsd: 0.02 });

    await end(thread);

    const report = await reportThread(engine.database, thread);
    expect(report).toMatchObject({ status, calls: { unknown: 1 }, costUsd: 0.02 });
    const { rows } = await engine.database.pool.query("SELECT status FROM claude_calls WHERE id = $1", [id]);
    expect(rows).toEqual([{ status: "unknown" }]);
  });

  it("while another process runs it is ended by that one; what is finished stays", async () => {
    const { engine, claude } = testEngine();
    const threadId = randomUUID();
    const currentTasks = [task("quick", "one"), task("stuck", "slow"), task("after", "two", ["stuck"])];
    const { signal } = new AbortController();
    const options = { autoApprove: ["plan" as const], parallel: 2 };
    const running = drive(graph, { input: "x", currentTasks }, { threadId, options, signal });
    const statuses = async () => (await reportThread(engine.database, threadId)).tasks.map((t) => t.status);
    await expect.poll(statuses).toEqual(["completed", "running", "pending"]);
    await expect.poll(() => claude.account().faults["stall"]).toBe(1);
    const other = await openEngine(engine.config, engine.folders, () => undefined);

    expect(await cancelThread(other, threadId)).toBe(false);
    await running;
    await other.close();

    const report = await reportThread(engine.database, threadId);
    expect(report).toMatchObject({ status: "cancelled", calls: { paid: 1, unknown: 1 } });
    expect(report.tasks.map(({ status }) => status)).toEqual(["completed", "cancelled", "cancelled"]);
    expect(await engine.claims.claim(threadId)).toBe(true);
    await engine.release(threadId);
  });
});
