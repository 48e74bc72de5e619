import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkStart } from "../../src/runs/preflight.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  environment: {
    BUDGET_USD: "20",
    ALLOW_COMMANDS: "true",
    AGENT_MEMORY_MB: "300",
    DECURION_HOME: mkdtempSync(join(tmpdir(), "decurion-own-")),
  },
});
const OPTIONS = { autoApprove: ["plan" as const, "tool" as const], synthesis: false, escalation: false };

const TOOLS = `import { z } from "zod";
import { defineTool } from "decurion";
const text = z.object({ text: z.string() });
export const shout = defineTool({ name: "shout", description: "Shouts.", effect: "reads", input: text,
  run: ({ text }) => text.toUpperCase() });
export const eat = defineTool({ name: "eat", description: "Eats memory.", effect: "reads", input: z.object({}),
  run: async () => {
    const eaten = [];
    for (;;) {
      eaten.push(Buffer.alloc(20_000_000, 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } });
`;

async function folder(frontmatter: string) {
  const agentsDir = await folderWith({ "a.md": agentFile("a", frontmatter), "tools.ts": TOOLS });
  return { ...OPTIONS, agentsDir, tools: join(agentsDir, "tools.ts") };
}

async function run(frontmatter: string, prompt: string) {
  const tasks = [{ id: "t", agent: "a", description: "t", prompt, dependsOn: [] }];
  const { engine, run: runGraph } = testEngine();
  const report = await runGraph({ input: "x", currentTasks: tasks }, await folder(frontmatter));
  const { rows } = await engine.database.pool.query<{ name: string; status: string; result: string | null }>(
    "SELECT name, status, result FROM tool_calls WHERE thread_id = $1 ORDER BY attempt, turn, position",
    [report.thread],
  );
  const notes = report.events.flatMap((event) => (event.type === "note" ? [event.text] : []));
  return { task: report.tasks[0], calls: rows, notes };
}

describe("an agent with a project's own tools", () => {
  it.each([["tools: shout\n"], [""]])(
    "has those that it names, or all when it names none: %j",
    async (lines) => {
      const { task, calls } = await run(lines, 'call shout {"text":"hello"}');
      expect(task).toMatchObject({ status: "completed", attempts: 1 });
      expect(calls).toEqual([{ name: "shout", status: "done", result: "HELLO" }]);
    },
  );

  it("is told of what it names and there is not, and works with the rest", async () => {
    const { task, calls, notes } = await run(
      "tools: shout, TodoWrite, Frobnicate\n",
      'call shout {"text":"x"}',
    );
    expect(task).toMatchObject({ status: "completed" });
    expect(calls).toHaveLength(1);
    expect(notes).toContain("a works without TodoWrite, Frobnicate: no such tool exists here.");
  });

  it("has none that it does not name", async () => {
    const { calls } = await run("tools: eat\n", 'call shout {"text":"hello"}');
    expect(calls).toEqual([]);
  });

  it("whose tool takes too much memory fails that attempt by class memory, and nothing else", async () => {
    const { task } = await run("tools: eat\n", "call eat {}");
    expect(task).toMatchObject({ status: "waiting", attempts: 5, error: expect.stringMatching(/300 MB/) });
  });
});

describe("a run with tools of its own", () => {
  it("that comes from where no commands may is refused", async () => {
    const { config, folders } = testEngine().engine;
    const start = { input: "@a do it", options: await folder("") };
    await expect(checkStart({ ...config, allowCommands: false }, folders, start)).rejects.toThrow(
      /tools\.ts are code: set ALLOW_COMMANDS=true/,
    );
    await expect(checkStart(config, folders, start)).resolves.toBeUndefined();
  });
});
