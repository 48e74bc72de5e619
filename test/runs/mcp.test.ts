import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/domain/errors.ts";
import { checkStart } from "../../src/runs/preflight.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const SCRIPT = fileURLToPath(new URL("../support/mcp-server.mjs", import.meta.url));
const testEngine = useEngine({
  environment: { BUDGET_USD: "20", DECURION_HOME: mkdtempSync(join(tmpdir(), "decurion-mcp-")) },
});
const OPTIONS = { autoApprove: ["plan" as const, "tool" as const], synthesis: false };

function server(way: string): string {
  return `mcpServers:\n  db:\n    command: ${process.execPath}\n    args: [${SCRIPT}, ${way}]\n`;
}

async function run(frontmatter: string, prompt: string) {
  const agentsDir = await folderWith({ "a.md": agentFile("a", frontmatter) });
  const tasks = [{ id: "t", agent: "a", description: "t", prompt, dependsOn: [] }];
  const { engine, run: runGraph } = testEngine();
  const report = await runGraph({ input: "x", currentTasks: tasks }, { ...OPTIONS, agentsDir });
  const { rows: calls } = await engine.database.pool.query(
    `SELECT name, status, result FROM tool_calls WHERE thread_id = $1 ORDER BY turn, position`,
    [report.thread],
  );
  const { rows: requests } = await engine.database.pool.query(
    "SELECT 1 FROM claude_calls WHERE thread_id = $1",
    [report.thread],
  );
  return { ...report, toolCalls: calls, paid: requests.length };
}

describe("an agent with an MCP server", () => {
  it("calls its tools, several in a turn, and what they answer is recorded", async () => {
    const { tasks, toolCalls } = await run(
      server("well"),
      'call mcp__db__echo {"text":"hello"}\ncall mcp__db__fail {}\ncall mcp__db__die {}',
    );
    expect(tasks[0]).toMatchObject({ status: "completed", attempts: 1 });
    expect(toolCalls).toMatchObject([
      { name: "mcp__db__echo", status: "done", result: "hello" },
      { name: "mcp__db__fail", status: "failed", result: "Error: it did not work" },
      {
        name: "mcp__db__die",
        status: "failed",
        result: expect.stringMatching(/MCP server "db" in .* was killed/),
      },
    ]);
  });

  it("does not see a tool that is disallowed", async () => {
    const { toolCalls } = await run(
      `${server("well")}disallowedTools: mcp__db__echo\n`,
      'call mcp__db__echo {"text":"hello"}\ncall mcp__db__pid {}',
    );
    expect(toolCalls.map(({ name }) => name)).toEqual(["mcp__db__pid"]);
  });

  it("costs nothing when the server cannot be had, and a human is told which and why", async () => {
    const { tasks, paid } = await run(server("refuse"), "work");
    expect(tasks[0]).toMatchObject({
      status: "waiting",
      attempts: 0,
      error: expect.stringMatching(
        /MCP server "db" in .*a\.md ended with 3: The token undefined is not valid/,
      ),
    });
    expect(paid).toBe(0);
  });
});

describe("an agent whose tools cannot be had", () => {
  it.each([
    ["mcpServers: { db: { args: [] } }\n", /MCP server "db" in .*a\.md has an invalid "command"/],
    ["mcpServers: [absent]\n", /uses the MCP server "absent", which .*\.mcp\.json does not have/],
    ["tools: mcp__absent__x\n", /names mcp__absent__x, but neither/],
    ["tools: NoSuchTool\n", /None of the tools that .*a\.md lists for agent "a" exists \(NoSuchTool\)/],
  ])("is refused before anything is opened or paid for: %j", async (frontmatter, sentence) => {
    const agentsDir = await folderWith({ "a.md": agentFile("a", frontmatter) });
    const { config, folders } = testEngine().engine;
    const start = { input: "@a do it", options: { ...OPTIONS, agentsDir } };
    const refused = checkStart(config, folders, start);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(sentence);
  });
});
