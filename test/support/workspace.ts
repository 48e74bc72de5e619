import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import type { Tool, ToolOutput } from "../../src/tools/tool.ts";
import { Workspace } from "../../src/tools/workspace.ts";

/** A folder that is gone when the test is over. */
export async function testFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "decurion-workspace-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A workspace of the test, and tools run in it as an agent does. */
export async function testWorkspace(hidden: (root: string) => readonly string[] = () => []) {
  const root = await testFolder();
  const workspace = await Workspace.open(root, hidden(root));
  const memory = new ProcessScope("thread/task", 800);
  onTestFinished(() => memory.close());
  const use = (tool: Tool, input: unknown, signal = new AbortController().signal): Promise<ToolOutput> =>
    tool.run(input, { signal, agent: memory.agent, workspace, memory, tell: () => undefined });
  return { root, workspace, use };
}
