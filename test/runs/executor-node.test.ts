import { describe, expect, it } from "vitest";
import { graph } from "../../graphs/orchestrate.ts";
import type { Report } from "../../src/runs/report.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const AGENT = "sydney-research";
const testEngine = useEngine({
  latencyMs: 5,
  environment: { MAX_TOKENS: "32000", BUDGET_USD: "20" },
  scenario: {
    faults: [
      { kind: "latency", ms: 700, when: { match: "slow work" } },
      { status: 400, message: "no such thing", when: { match: "unsendable work" } },
    ],
    answers: [
      { json: result("the key is 4711", "ALPHA ".repeat(9000)), when: { match: "^find the key" } },
      { json: result("secret of another", "BRAVO"), when: { match: "^other work" } },
      { json: result("saw both", "both"), when: { match: "ALPHA[^]*BRAVO|BRAVO[^]*ALPHA" } },
      { json: result("saw alpha only", "alpha"), when: { match: "use the key[^]*ALPHA" } },
      { json: result("saw nothing", "nothing"), when: { match: "use the key" } },
      {
        json: result("hostile\u001b[31m\u0000", "nul \u0000 and escape \u001b[2J \\u0000 \ud800"),
        when: { match: "hostile" },
      },
    ],
  },
});

function result(summary: string, output: string) {
  return { summary, output, confidence: 0.5, emotionalState: { focus: 0.5, awe: 1 } };
}

/** Tasks as `id: prompt < dependencies`. */
function plan(...lines: string[]) {
  return lines.map((line) => {
    const [, id = "", prompt = "", after = ""] = /^(\w+): ([^<]*[^ <])(?: < (.*))?$/.exec(line) ?? [];
    return { id, agent: AGENT, description: id, prompt, dependsOn: after ? after.split(" ") : [] };
  });
}

async function runPlan(...lines: string[]) {
  const options = { autoApprove: ["plan" as const], synthesis: false, parallel: 10 };
  return testEngine().run({ input: "plan", currentTasks: plan(...lines) }, options);
}

const statuses = ({ tasks }: Report) => Object.fromEntries(tasks.map(({ id, status }) => [id, status]));

describe("a task", () => {
  it("starts the moment its dependencies are done, whatever else still runs", async () => {
    const { thread } = await runPlan("fast: quick", "slow: slow work", "next: quick too < fast");

    const { rows } = await testEngine().engine.database.pool.query(
      `SELECT a.started_at < b.ended_at AS "early" FROM agent_coordination a JOIN agent_coordination b
       USING (session_id) WHERE session_id = $1 AND a.task_id = 'next' AND b.task_id = 'slow'`,
      [thread],
    );
    expect(rows).toEqual([{ early: true }]);
  });

  it("is given its dependencies' results, bounded in size, and nobody else's", async () => {
    const report = await runPlan(
      "alpha: find the key",
      "bravo: other work",
      "gamma: use the key < alpha",
      "delta: use the key",
      "omega: use the key < alpha bravo",
    );

    const summaries = Object.fromEntries(report.tasks.map(({ id, summary }) => [id, summary]));
    expect(summaries).toMatchObject({
      gamma: "saw alpha only",
      delta: "saw nothing",
      omega: "saw both",
    });
    const gamma = await inputTokens(report.thread, "gamma");
    expect(gamma).toBeGreaterThan(4000);
    expect(gamma).toBeLessThan(8000); // Of 54,000 characters 24,000 are handed on.
  });

  it("is sent with at most 400 tokens beyond its agent's and its own words, and 110 for each tool it lists", async () => {
    const words = "You are brief. ".repeat(40);
    const agentsDir = await folderWith({
      "plain.md": agentFile("plain", "", words),
      "three.md": agentFile("three", "tools: Read, Write, Glob\n", words),
    });
    const tasks = ["plain", "three"].map((agent) => ({
      id: agent,
      agent,
      description: "x",
      prompt: "x",
      dependsOn: [],
    }));

    const { thread } = await testEngine().run(
      { input: "x", currentTasks: tasks },
      { autoApprove: ["plan"], synthesis: false, agentsDir },
    );

    const ours = (await inputTokens(thread, "plain")) - Math.floor(words.length / 4);
    expect(ours).toBeGreaterThan(50);
    expect(ours).toBeLessThan(400);
    const tools = (await inputTokens(thread, "three")) - Math.floor(words.length / 4) - ours;
    expect(tools).toBeGreaterThan(100);
    expect(tools).toBeLessThan(4 * 110); // The fourth reads on in long results.
  });

  it("that cannot be sent says why, is not tried again, and blocks what depends on it, and only that", async () => {
    const report = await runPlan(
      "bad: unsendable work",
      "after: x < bad",
      "later: x < after good",
      "good: x",
    );

    expect(statuses(report)).toEqual({
      bad: "failed",
      after: "blocked",
      later: "blocked",
      good: "completed",
    });
    expect(report.status).toBe("partial");
    const [bad, after] = report.tasks;
    expect(bad?.error).toContain("no such thing");
    expect(bad?.attempts).toBe(1);
    expect(after?.error).toContain("bad");
    expect(after?.costUsd).toBe(0);
  });

  it("that fails alone makes the run failed, and nothing is synthesized", async () => {
    const { claude, run } = testEngine();
    claude.reset();
    const currentTasks = plan("bad: unsendable work", "worse: unsendable work");

    const report = await run({ input: "x", currentTasks }, { autoApprove: ["plan"] });

    expect(report).toMatchObject({ status: "failed", output: null });
    expect(report.error).toContain("No task completed");
    expect(claude.account()).toMatchObject({ requests: 2, answers: 0 });
  });

  it("may answer with anything that text can hold", async () => {
    const { tasks, thread } = await runPlan("odd: hostile");

    expect(tasks[0]).toMatchObject({ status: "completed" });
    expect(tasks[0]?.output).toBe("nul \ufffd and escape \u001b[2J \\u0000 \ufffd");
    const { values } = await graph.getState({ configurable: { thread_id: thread } });
    expect(values.sacredConsciousness).toEqual({ focus: 0.5, awe: 1 });
  });
});

describe("a thread with a plan and no input", () => {
  it("is known by what its tasks are about", async () => {
    const currentTasks = plan("alpha: x", "bravo: y");
    const report = await testEngine().run({ currentTasks }, { autoApprove: ["plan"], synthesis: false });
    expect(report.input).toBe("alpha; bravo");
  });
});

describe("many tasks", () => {
  it("run at most ten at once, and every one of them once", async () => {
    const { claude } = testEngine();
    claude.reset();
    const lines = Array.from({ length: 45 }, (_, index) => `t${index}: piece ${index}`);

    const report = await runPlan(...lines);

    expect(report.tasks.map((task) => task.id)).toEqual(lines.map((_, index) => `t${index}`));
    expect(report.status).toBe("completed");
    expect(report.peakParallel).toBeLessThanOrEqual(10);
    expect(claude.account()).toMatchObject({ answers: 45, running: 0 });
    expect(claude.account().peakRunning).toBeLessThanOrEqual(10);
    expect(claude.account().peakRunning).toBeGreaterThan(1);
  });

  it("in a long chain run one after the other", async () => {
    const lines = Array.from({ length: 12 }, (_, i) => `c${i}: link ${i}${i > 0 ? ` < c${i - 1}` : ""}`);

    const report = await runPlan(...lines);

    expect(report).toMatchObject({ status: "completed", peakParallel: 1 });
  });

  it("are recorded in agent_coordination as the seed's columns say", async () => {
    const { thread } = await runPlan("one: x", "bad: unsendable work");

    const { rows } = await testEngine().engine.database.pool.query(
      `SELECT agent_type, task_id, status, result->>'summary' IS NOT NULL AS "has_result",
         emotional_state IS NOT NULL AS "has_state", timestamp IS NOT NULL AS "has_time"
       FROM agent_coordination WHERE session_id = $1 ORDER BY task_id`,
      [thread],
    );
    const common = { agent_type: AGENT, has_time: true };
    expect(rows).toEqual([
      { ...common, task_id: "bad", status: "failed", has_result: false, has_state: false },
      { ...common, task_id: "one", status: "completed", has_result: true, has_state: true },
    ]);
  });
});

async function inputTokens(thread: string, taskId: string): Promise<number> {
  const { rows } = await testEngine().engine.database.pool.query<{ tokens: number }>(
    `SELECT (input_tokens + cache_read_tokens + cache_write_tokens)::int AS tokens
     FROM claude_calls WHERE thread_id = $1 AND task_id = $2`,
    [thread, taskId],
  );
  return rows[0]?.tokens ?? Number.NaN;
}
