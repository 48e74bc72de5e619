import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";
import { auditLedger } from "../support/ledger-audit.ts";

const GOOD = { summary: "done", output: "The work.", confidence: 0.9, emotionalState: {} };
const search = { name: "web_search", input: { query: "queues" } };
const testEngine = useEngine({
  environment: {
    BUDGET_USD: "20",
    WEB_USES: "3",
    DECURION_HOME: mkdtempSync(join(tmpdir(), "decurion-web-")),
  },
  scenario: {
    answers: [
      { tools: [search, search], pause: true, text: "Searching on.", when: { match: "^pause", said: "^$" } },
      { tools: [search], json: { ...GOOD, summary: "went on" }, when: { match: "^pause" } },
      {
        tools: [
          search,
          { name: "web_fetch", input: { url: "https://example.org" } },
          { name: "code_execution", input: {} },
        ],
        json: GOOD,
        when: { match: "^search" },
      },
    ],
  },
});
const OPTIONS = { autoApprove: ["plan" as const], synthesis: false };

async function run(tools: string, prompt: string, budgetUsd = 20) {
  const agentsDir = await folderWith({ "a.md": agentFile("a", tools) });
  const tasks = [{ id: "t", agent: "a", description: "t", prompt, dependsOn: [] }];
  const { engine, claude, run: runGraph } = testEngine();
  claude.reset();
  const input = { input: "x", currentTasks: tasks };
  const report = await runGraph(input, { ...OPTIONS, agentsDir, budgetUsd });
  const { rows } = await engine.database.pool.query<{
    costUsd: number;
    reservedUsd: number;
    blocks: string[];
  }>(
    `SELECT cost_usd::float8 AS "costUsd", reserved_usd::float8 AS "reservedUsd",
       (SELECT json_agg(b->>'type') FROM json_array_elements(response->'content') AS b) AS blocks
     FROM claude_calls WHERE thread_id = $1 ORDER BY id`,
    [report.thread],
  );
  await auditLedger(engine.database, report.thread, claude);
  return { task: report.tasks[0], calls: rows };
}

describe("an agent that names the API's own tools", () => {
  it("is given them, and their uses are in its cost and in what was reserved for it", async () => {
    const { task, calls } = await run("tools: WebSearch, web_fetch, CodeExecution\n", "search for it");
    expect(task).toMatchObject({ status: "completed", summary: "done" });
    expect(calls[0]?.blocks.filter((type) => type.endsWith("_tool_result"))).toEqual([
      "web_search_tool_result",
      "web_fetch_tool_result",
      "bash_code_execution_tool_result",
    ]);
    expect(calls[0]?.costUsd).toBeGreaterThan(0.01 + 0.0042);
    expect(calls[0]?.reservedUsd).toBeGreaterThan(3 * 0.01 + 0.0042 + (82_000 * 2) / 1e6);
  });

  it("goes on after a pause with what was found by then", async () => {
    const { task, calls } = await run("tools: WebSearch\n", "pause first");
    expect(task).toMatchObject({ status: "completed", summary: "went on", attempts: 1 });
    expect(calls.map(({ blocks }) => blocks.length)).toEqual([5, 3]);
    expect(calls[0]?.costUsd).toBeGreaterThan(0.02);
  });

  it("waits for a human where their worst case does not fit into the budget", async () => {
    const { task, calls } = await run("tools: WebSearch\n", "search for it", 0.1);
    expect(task).toMatchObject({
      status: "waiting",
      error: expect.stringMatching(/may cost up to \$0\.1\d/),
    });
    expect(calls).toEqual([]);
    expect((await run("tools: Read\n", "search for it", 0.1)).task).toMatchObject({ status: "completed" });
  });

  it("is the only one: nobody inherits them", async () => {
    const { calls } = await run("", 'call web_search {"query":"x"}');
    expect(calls.map(({ blocks }) => blocks)).toEqual([["text"]]);
  });
});
