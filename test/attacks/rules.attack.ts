import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({ environment: { BUDGET_USD: "20" } });

/** What becomes of the calls of an agent whose file has these lines. */
async function callsOf(lines: string, prompt: string) {
  const agentsDir = await folderWith({ "a.md": agentFile("a", lines) });
  const workspace = await folderWith({ "secret/key.txt": "hush", "src/a.txt": "hush" });
  await mkdir(join(workspace, ".git"));
  await writeFile(join(workspace, "package.json"), '{"scripts":{"test":"true"}}');
  const tasks = [{ id: "t", agent: "a", description: "t", prompt, dependsOn: [] }];
  const { engine, run } = testEngine();
  const options = { autoApprove: ["plan" as const, "tool" as const], synthesis: false, agentsDir, workspace };
  const report = await run({ input: "x", currentTasks: tasks }, options);
  const { rows } = await engine.database.pool.query(
    "SELECT name, status, result FROM tool_calls WHERE thread_id = $1 ORDER BY turn, position",
    [report.thread],
  );
  return { rows, report, workspace };
}

describe("the rules of an agent's file", () => {
  it("let only matching commands run, and the result names the rule", async () => {
    const { rows, workspace } = await callsOf(
      'tools: "Bash(echo:*)"\n',
      'call Bash {"command":"echo hi"}\ncall Bash {"command":"echo hi; touch evil"}\ncall Bash {"command":"echo $(touch evil)"}',
    );
    expect(rows).toMatchObject([
      { status: "done", result: "hi" },
      { status: "failed", result: expect.stringContaining("Bash(echo:*)") },
      { status: "failed", result: expect.stringContaining("Bash(echo:*)") },
    ]);
    await expect(readFile(join(workspace, "evil"))).rejects.toThrow("ENOENT");
  });

  it("take calls away that a deny rule may mean", async () => {
    const { rows } = await callsOf(
      'tools: Bash, Write\ndisallowedTools: ["bash(touch:*)", "edit(src/**)"]\n',
      'call Bash {"command":"sh -c \'touch evil\'"}\ncall Write {"file_path":"x/../src/b.txt","content":""}\ncall Write {"file_path":"b.txt","content":"b"}',
    );
    expect(rows).toMatchObject([
      { status: "failed", result: expect.stringContaining("bash(touch:*)") },
      { status: "failed", result: expect.stringContaining("edit(src/**)") },
      { status: "done" },
    ]);
  });

  it.each(["disallowedTools: bash\n", "disallowedTools: { bash: false }\n", "disallowedTools: BASH(*)\n"])(
    "take a tool away in any case and form: %j",
    async (lines) => {
      const { rows } = await callsOf(`tools: Read, Bash\n${lines}`, 'call Bash {"command":"echo hi"}');
      expect(rows).toEqual([]);
    },
  );

  it("hide files from searches too", async () => {
    const { rows } = await callsOf(
      'tools: Read, Grep, Glob\ndisallowedTools: "Read(secret/**)"\n',
      'call Read {"file_path":"secret/key.txt"}\ncall Grep {"pattern":"hush"}\ncall Glob {"pattern":"**/*.txt"}',
    );
    expect(rows[0]).toMatchObject({ status: "failed", result: expect.stringContaining("Read(secret/**)") });
    for (const { result } of rows.slice(1)) {
      expect(result).toContain("src/a.txt");
      expect(result).not.toContain("secret");
    }
  });
});
