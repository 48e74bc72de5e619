// Starts the MCP server which is the first argument, deaf to the end of its input, prints its process id and holds it
// until killed.
import { randomUUID } from "node:crypto";
import { ProcessScope } from "../../src/processes/process-scope.ts";
import { openMcpTools } from "../../src/tools/mcp/mcp-tools.ts";
import { Workspace } from "../../src/tools/workspace.ts";

const memory = new ProcessScope(`${randomUUID()}/task`, 800);
const { signal } = new AbortController();
const server = {
  kind: "stdio",
  name: "db",
  file: "test",
  environment: {},
  command: process.execPath,
  parameters: [process.argv[2] ?? "", "deaf"],
  written: { kind: "stdio", command: "", args: [], env: {}, url: "", headers: {} },
} as const;
const { tools } = await openMcpTools([{ server, entries: ["mcp__db__pid"] }], {
  memory,
  signal,
  folder: process.cwd(),
  workspace: process.cwd(),
  connectMs: 20_000,
  callMs: 20_000,
});
const workspace = await Workspace.open(process.cwd());
const context = { signal, agent: memory.agent, workspace, memory, tell: () => undefined };
process.stdout.write(`${(await tools[0]?.run({}, context))?.content}\n`);
setInterval(() => undefined, 1000);
