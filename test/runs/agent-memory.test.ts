import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ThreadOptions } from "../../src/domain/thread-options.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const answer = (output: string) => ({ summary: "s", output, confidence: 0.9, emotionalState: {} });
const testEngine = useEngine({
  environment: { BUDGET_USD: "20", ALLOW_COMMANDS: "true", AGENT_MEMORY_MB: "150" },
  scenario: {
    answers: [
      {
        json: answer("modest"),
        when: { match: "^eat[^]*used \\d+ MB of memory, more than their limit of 150 MB" },
      },
      { json: answer("greedy"), when: { match: "^eat" } },
      { json: answer("always greedy"), when: { match: "^devour" } },
      { json: answer("modest"), when: { match: "^easy" } },
    ],
  },
});

const HOG = `const kept = []; const more = () => { kept.push(Buffer.alloc(2e7, 1)); setImmediate(more); }; more();`;
/** A command which takes all the memory that it gets when the result is greedy. */
const command = `grep -q greedy || exit 0; "${process.execPath}" -e '${HOG}'`;

const task = (id: string, prompt: string) => ({
  id,
  agent: "sydney-coder",
  description: id,
  prompt,
  dependsOn: [],
  validate: { command },
});

async function runTasks(tasks: readonly object[], more: ThreadOptions = {}) {
  const plan = { input: "x", currentTasks: tasks };
  const options: ThreadOptions = { autoApprove: ["plan", "tool"], synthesis: false, escalation: false };
  const report = await testEngine().run(plan, { ...options, ...more });
  const { rows } = await testEngine().engine.database.pool.query<{
    task: string;
    failure: string;
    digest: string;
  }>(`SELECT task_id AS task, failure, digest FROM task_attempts WHERE session_id = $1 ORDER BY attempt`, [
    report.thread,
  ]);
  return { ...report, attempts: rows };
}

describe("an agent that takes more memory than it may", () => {
  it("fails that attempt alone, is told of it, and does better; its siblings complete in one", async () => {
    const report = await runTasks([task("a", "eat"), task("b", "easy"), task("c", "easy")]);

    expect(report.status).toBe("completed");
    expect(report.tasks.map(({ attempts }) => attempts)).toEqual([2, 1, 1]);
    expect(report.attempts).toMatchObject([
      {
        task: "a",
        failure: "memory",
        digest: expect.stringMatching(
          /^The processes of task "a" used \d+ MB of memory, more than their limit of 150 MB: node/,
        ),
      },
    ]);
  });

  it("every time is a question to a human, and nothing paid for is lost", async () => {
    const report = await runTasks([task("a", "devour"), task("b", "easy")]);

    expect(report).toMatchObject({ status: "waiting", waiting: [{ kind: "failure", task: "a" }] });
    expect(report.tasks[1]?.status).toBe("completed");
    expect(report.attempts.map(({ failure }) => failure)).toEqual(Array.from({ length: 5 }, () => "memory"));
    expect(report.calls.unknown).toBe(0);
  });
});

describe("an agent whose command takes more memory than it may", () => {
  it("fails that attempt, and its siblings' commands go on", async () => {
    const use = (id: string, command: string) => ({
      id,
      agent: "sydney-coder",
      description: id,
      dependsOn: [],
      prompt: `call Bash ${JSON.stringify({ command })}`,
    });
    const report = await runTasks([use("greedy", "tail /dev/zero"), use("modest", "sleep 0.3; echo fine")]);

    expect(report.tasks).toMatchObject([
      { id: "greedy", status: "waiting", attempts: 5, error: expect.stringMatching(/tail \d+ MB/) },
      { id: "modest", status: "completed", attempts: 1 },
    ]);
    expect(report.attempts.map(({ failure }) => failure)).toEqual(Array.from({ length: 5 }, () => "memory"));
  });
});

describe("an agent whose MCP server takes more memory than it may", () => {
  it("fails that attempt, buys nothing more for it, and its sibling with the same server completes", async () => {
    const script = fileURLToPath(new URL("../support/mcp-server.mjs", import.meta.url));
    const server = `mcpServers:\n  db:\n    command: ${process.execPath}\n    args: [${script}, well]\n`;
    const agentsDir = await folderWith({ "a.md": agentFile("a", server) });
    const use = (id: string, prompt: string) => ({ id, agent: "a", description: id, prompt, dependsOn: [] });
    const report = await runTasks(
      [use("greedy", "call mcp__db__eat {}"), use("modest", 'call mcp__db__echo {"text":"hello"}')],
      { agentsDir },
    );

    expect(report.tasks).toMatchObject([
      { id: "greedy", status: "waiting", attempts: 5 },
      { id: "modest", status: "completed", attempts: 1 },
    ]);
    expect(new Set(report.attempts.map(({ failure }) => failure))).toEqual(new Set(["memory"]));
    expect(report.calls.paid).toBe(5 + 2);
  });
});
