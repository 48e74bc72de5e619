import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";
import { processesOf } from "../support/processes.ts";

const testCli = useCli();
const SERVER = fileURLToPath(new URL("../support/mcp-server.mjs", import.meta.url));
const COMMAND = "sleep 1000 & sleep 1000";

const AGENTS = {
  "bash.md": agentFile("bash", "tools: Bash\n"),
  "server.md": agentFile(
    "server",
    `mcpServers:\n  db:\n    command: ${process.execPath}\n    args: [${SERVER}, deaf]\n`,
  ),
  "tool.md": agentFile("tool", "tools: block\n"),
  "tools.ts": `import { spawnSync } from "node:child_process";
import { z } from "zod";
import { defineTool } from "decurion";
export const block = defineTool({ name: "block", description: "Blocks.", effect: "reads", input: z.object({}),
  run: () => String(spawnSync("sleep", ["1000"]).status) });
`,
};
const TASKS = [
  { id: "bash", agent: "bash", prompt: `call Bash ${JSON.stringify({ command: COMMAND })}` },
  { id: "server", agent: "server", prompt: "call mcp__db__hang {}" },
  { id: "tool", agent: "tool", prompt: "call block {}" },
  { id: "check", agent: "sydney-coder", prompt: "work", validate: { command: COMMAND } },
];

/** What is held by nothing of Decurion's own, so that it goes on unless it is killed. */
async function stubbornOf(thread: string): Promise<string[]> {
  const processes = await processesOf(thread);
  const named = processes.map(({ task, command }) => `${task}: ${command.replace(/^.*\//, "")}`);
  return named.filter((name) => /: (sleep 1000|mcp-server.mjs deaf)$/.test(name)).toSorted();
}

it("nothing that an agent has running outlives an engine that is killed, whatever started it", async () => {
  const { folder, start } = testCli();
  const agents = await folderWith(AGENTS);
  await writeFile(join(folder, "plan.json"), JSON.stringify({ tasks: TASKS }));
  const thread = randomUUID();
  const places = ["--plan", "plan.json", "--agents-dir", agents, "--tools", join(agents, "tools.ts")];
  const words = ["run", "orchestrate", ...places, "--thread", thread, "--auto-approve", "--no-synthesis"];
  const { child, ended } = start(words, { ALLOW_COMMANDS: "true" });
  onTestFinished(async () => {
    for (const { pid } of await processesOf(thread)) process.kill(pid, "SIGKILL");
  });
  await expect
    .poll(() => stubbornOf(thread))
    .toEqual([
      ...["bash: sleep 1000", "bash: sleep 1000", "check: sleep 1000", "check: sleep 1000"],
      ...["server: mcp-server.mjs deaf", "tool: sleep 1000"],
    ]);

  child.kill("SIGKILL");
  await ended;

  await expect.poll(() => processesOf(thread)).toEqual([]);
});
