import { expect, it } from "vitest";
import { ProcessScope } from "../../../src/processes/process-scope.ts";
import { RunningServer } from "../../../src/tools/mcp/running-server.ts";
import { parseServer } from "../../../src/tools/mcp/server-config.ts";

it("says no secret that stands in a server's arguments", async () => {
  const script = "echo bad option $1 >&2; exit 1";
  const value = { command: "sh", args: ["-c", script, "sh", `--key=\${KEY}`] };
  const server = parseServer("s", value, "f", { KEY: "a-secret-of-this-test" });
  if (server.kind === "broken") throw new Error(server.problem);
  const memory = new ProcessScope("thread/secrets", 800);
  const { signal } = new AbortController();
  const bounds = {
    memory,
    signal,
    folder: process.cwd(),
    workspace: process.cwd(),
    connectMs: 20_000,
    callMs: 20_000,
  };
  try {
    await expect(new RunningServer(server, bounds).tools()).rejects.toThrow(
      'MCP server "s" in f ended with 1: bad option --key=***.',
    );
  } finally {
    await memory.close();
  }
});
