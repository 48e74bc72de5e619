import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import { recordAnswer } from "../../src/runs/answer.ts";
import { drive, nextInput } from "../../src/runs/drive.ts";
import { reportThread } from "../../src/runs/report.ts";
import { useEngine } from "../support/engine.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: { focus: 1 } };
const EMOTIONS = { focus: 1, curiosity: 0, confidence: 1, doubt: 0, frustration: 0, jealousy: 0 };
const ANSWER = { ...GOOD, emotionalState: EMOTIONS };

/**
 * What every driver of attempts keeps to, whoever makes the attempt.
 *
 * @param environment - settings that the driver needs.
 */
export function driverContract(
  executor: string,
  environment: () => Record<string, string> = () => ({}),
): void {
  describe(`the driver ${executor}`, () => {
    const testEngine = useEngine({
      environment: { DECURION_HOME: mkdtempSync(join(tmpdir(), "decurion-contract-")), ...environment() },
      scenario: {
        answers: [
          { json: ANSWER, when: { match: "slow|busy|simple|costly" } },
          { json: ANSWER, when: { match: "garbled[^]*has no text|garbled[^]*ended without a result" } },
          { text: "", when: { match: "garbled|structured-output-enforce|^Give this answer once more" } },
        ],
        faults: [
          { status: 429, retryAfter: 0.05, when: { match: "busy", times: 2 } },
          { kind: "refusal", when: { match: "forbidden" } },
          { kind: "latency", ms: 60_000, when: { match: "slow", times: 1 } },
        ],
      },
    });
    const task = (prompt: string, rest: object = {}) => ({
      id: "a",
      agent: "sydney-coder",
      description: "a",
      prompt,
      dependsOn: [] as string[],
      ...rest,
    });
    const runTask = (prompt: string, options: object = {}) =>
      testEngine().run(
        { input: "x", currentTasks: [task(prompt)] },
        { autoApprove: ["plan", "tool", "result"], synthesis: false, executor, ...options },
      );
    const failuresOf = async (thread: string) => {
      const { rows } = await testEngine().engine.database.pool.query(
        "SELECT failure, digest FROM task_attempts WHERE session_id = $1 ORDER BY attempt",
        [thread],
      );
      return rows;
    };

    it("does a task: the result, its cost and its tokens are what the server billed", async () => {
      const { claude, engine } = testEngine();
      claude.reset();
      const report = await runTask("simple");

      expect(report.status).toBe("completed");
      expect(report.tasks[0]).toMatchObject({ attempts: 1, summary: "done", output: "The work." });
      expect(report.costUsd).toBeCloseTo(claude.account().costUsd, 10);
      expect(report.tokens.output).toBe(claude.account().tokens.output);
      await auditLedger(engine.database, report.thread, claude);
    });

    it("has structured output, and tries again when an answer is none", async () => {
      const report = await runTask("garbled", { budgetUsd: 5 });

      expect(report.status).toBe("completed");
      expect(report.tasks[0]).toMatchObject({ attempts: 2, output: "The work." });
      expect(await failuresOf(report.thread)).toMatchObject([{ failure: "invalid-output" }]);
    });

    it("takes a refusal as a failed attempt", async () => {
      const report = await runTask("forbidden", { budgetUsd: 5 });

      expect(report.tasks[0]).toMatchObject({ status: "waiting", attempts: 6 });
      expect((await failuresOf(report.thread)).map(({ failure }) => failure)).toEqual(
        Array(6).fill("refusal"),
      );
    });

    it("waits out a 429, which is no failed attempt", async () => {
      const { claude } = testEngine();
      const report = await runTask("busy");

      expect(report.tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
      expect(claude.account().faults["429"]).toBe(2);
      expect(report.calls).toMatchObject({ paid: 1, failed: 2, unknown: 0 });
    });

    it("ends at once when it is told to, and goes on later", async () => {
      const { claude, engine, run } = testEngine();
      const threadId = randomUUID();
      const stop = new AbortController();
      const options = { autoApprove: ["plan" as const], synthesis: false, executor, budgetUsd: 2 };
      const stopped = drive(
        graph,
        { input: "x", currentTasks: [task("slow")] },
        {
          threadId,
          options,
          signal: stop.signal,
        },
      );
      await expect.poll(() => claude.account().running, { timeout: 20_000 }).toBe(1);
      stop.abort();
      await expect(stopped).rejects.toThrow();
      const stand = async () => reportThread(engine.database, threadId);
      await expect.poll(async () => (await stand()).tasks[0]?.status).toBe("pending");
      expect((await stand()).calls.unknown).toBe(1);

      expect((await run(null, options, threadId)).status).toBe("completed");
    });

    it("stops at the budget, before it and not after, and goes on when it is raised", async () => {
      const { claude, engine, run } = testEngine();
      claude.reset();
      const budgetUsd = 0.001;
      const report = await runTask("costly", { budgetUsd });
      expect(report.tasks[0]).toMatchObject({ status: "waiting", attempts: 0 });
      expect(report.waiting).toMatchObject([{ kind: "budget" }]);
      expect(claude.account().costUsd).toBeLessThanOrEqual(budgetUsd);

      await recordAnswer(engine, report.waiting[0]?.id ?? "", { type: "approve" }, { by: null, via: "cli" });
      const step = await nextInput(graph, engine.database, report.thread);
      const done = await run("input" in step && step.input, {}, report.thread);
      expect(done.status).toBe("completed");
      expect(done.costUsd).toBeCloseTo(claude.account().costUsd, 10);
    });
  });
}
