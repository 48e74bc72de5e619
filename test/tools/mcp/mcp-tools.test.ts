import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { ProcessScope } from "../../../src/processes/process-scope.ts";
import type { OpenedTools } from "../../../src/tools/mcp/mcp-tools.ts";
import { openMcpTools } from "../../../src/tools/mcp/mcp-tools.ts";
import type { HttpServer, McpServer } from "../../../src/tools/mcp/server-config.ts";
import type { ToolOutput } from "../../../src/tools/tool.ts";
import { Workspace } from "../../../src/tools/workspace.ts";
import { freePort } from "../../support/free-port.ts";
import { startMcpHttp } from "../../support/mcp-http.ts";
import { isAlive } from "../../support/processes.ts";
import { useProgram } from "../../support/program.ts";

const holder = useProgram("hold-mcp-server");
const SCRIPT = fileURLToPath(new URL("../../support/mcp-server.mjs", import.meta.url));
const WRITTEN = { kind: "stdio", command: "", args: [], env: {}, url: "", headers: {} } as const;
const FILE = "project/.mcp.json";

function processServer(way: string, environment: Record<string, string> = {}, name = "db"): McpServer {
  return {
    kind: "stdio",
    name,
    file: FILE,
    command: process.execPath,
    parameters: [SCRIPT, way],
    environment,
    written: WRITTEN,
  };
}

interface Opening {
  readonly entries?: readonly string[];
  readonly connectMs?: number;
  readonly callMs?: number;
  readonly signal?: AbortSignal;
}

/** Opens the tools of servers as for one attempt; closed when the test is over. */
async function open(servers: readonly McpServer[], options: Opening = {}) {
  const {
    entries = [],
    connectMs = 20_000,
    callMs = 20_000,
    signal = new AbortController().signal,
  } = options;
  const memory = new ProcessScope(`${randomUUID()}/task`, 800);
  onTestFinished(() => memory.close());
  const uses = servers.map((server) => ({ server, entries }));
  const opened = await openMcpTools(uses, {
    memory,
    signal,
    folder: process.cwd(),
    workspace: process.cwd(),
    connectMs,
    callMs,
  });
  onTestFinished(() => opened.close());
  return { ...opened, names: opened.tools.map(({ name }) => name), call: callOf(opened, memory) };
}

function callOf({ tools }: OpenedTools, memory: ProcessScope) {
  return async (
    name: string,
    input: unknown = {},
    signal = new AbortController().signal,
  ): Promise<ToolOutput> => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) throw new Error(`There is no tool ${name}.`);
    const workspace = await Workspace.open(process.cwd());
    return tool.run(input, { signal, agent: memory.agent, workspace, memory, tell: () => undefined });
  };
}

describe("a server that is a process", () => {
  it("has its tools under the names that agents use, in one order, and its answers", async () => {
    const { names, tools, notes, call } = await open([processServer("well")]);
    expect(names).toEqual(
      ["any", "die", "eat", "echo", "environment", "fail", "hang", "huge", "kinds", "pid"].map(
        (name) => `mcp__db__${name}`,
      ),
    );
    const echo = tools.find(({ name }) => name === "mcp__db__echo");
    expect(echo).toMatchObject({
      description: "Does echo.",
      effect: "reads",
      inputSchema: { type: "object" },
    });
    expect(tools.find(({ name }) => name === "mcp__db__fail")?.effect).toBe("writes");
    expect(notes).toEqual([expect.stringMatching(/long-xxx.*is left out: its name is empty or too long/)]);
    expect(await call("mcp__db__echo", { text: "hello" })).toEqual({ content: "hello", isError: false });
    expect(await call("mcp__db__fail")).toEqual({ content: "Error: it did not work", isError: true });
    expect(await call("mcp__db__echo", "words")).toEqual({
      content: "The input must be an object.",
      isError: true,
    });
  });

  it("loses the parts of a schema that the Messages API refuses", async () => {
    const { tools } = await open([processServer("well")], { entries: ["mcp__db__any"] });
    expect(tools.map(({ inputSchema }) => inputSchema)).toEqual([{ type: "object" }]);
  });

  it("has all tools over all pages, and those alone that are named", async () => {
    const { names } = await open([processServer("many")]);
    expect(names).toHaveLength(210);
    const entries = ["mcp__db__echo", "mcp__db__more-199", "mcp__db__absent"];
    const some = await open([processServer("many")], { entries });
    expect(some.names).toEqual(["mcp__db__echo", "mcp__db__more-199"]);
    expect(some.notes).toEqual(['MCP server "db" has no tool mcp__db__absent.']);
  });

  it("may print what is no message", async () => {
    const { call } = await open([processServer("rubbish")]);
    expect((await call("mcp__db__echo", { text: "hello" })).content).toBe("hello");
  });

  it("may answer 5 MB", async () => {
    const { call } = await open([processServer("well")]);
    expect((await call("mcp__db__huge")).content).toHaveLength(5 * 1024 * 1024);
  });

  it("has what is no text described", async () => {
    const { call } = await open([processServer("well")]);
    expect((await call("mcp__db__kinds")).content.split("\n")).toEqual([
      "words",
      "[image, image/png, 3 KB]",
      "[audio, audio/wav, 3 bytes]",
      "[resource file:///a.txt]",
      "of a resource",
      "[resource file:///b.bin, application/pdf, 3 bytes]",
      "[link to c: https://example.org/c]",
    ]);
  });

  it("sees its own variables and what it runs for, and no secret of ours", async () => {
    process.env["ANTHROPIC_API_KEY"] = "sk-secret";
    onTestFinished(() => void delete process.env["ANTHROPIC_API_KEY"]);
    const { call } = await open([processServer("well", { TOKEN: "it's $HOME" })]);
    const seen = async (name: string) => (await call("mcp__db__environment", { name })).content;
    expect(await seen("TOKEN")).toBe("it's $HOME");
    expect(await seen("DECURION_AGENT")).toMatch(/^[\w-]{36}\/task$/);
    expect(await seen("ANTHROPIC_API_KEY")).toBe("(not set)");
  });
});

describe("a server in trouble", () => {
  it("that cannot be started is named with its file and with what it said, without its secrets", async () => {
    const refused = open([processServer("refuse", { TOKEN: "tok-123456" })]);
    await expect(refused).rejects.toThrow(
      `MCP server "db" in ${FILE} ended with 3: The token *** is not valid.`,
    );
    const reachable = processServer("well", { PATH: "/usr/bin:/bin" });
    const absent: McpServer = { ...reachable, command: "no-such-command" } as McpServer;
    await expect(open([absent])).rejects.toThrow(/MCP server "db" in .* ended with 127: .*no-such-command/);
  });

  it("that does not answer is given up, with all the others", async () => {
    const connectMs = 5000;
    const silent = open([processServer("silent"), processServer("well", {}, "other")], { connectMs });
    await expect(silent).rejects.toThrow(`MCP server "db" in ${FILE} did not answer within 5 s.`);
  });

  it("that dies in a call is an error, and is started again once", async () => {
    const { call } = await open([processServer("well")]);
    const died = { content: `MCP server "db" in ${FILE} was killed.`, isError: true };
    expect(await call("mcp__db__die")).toEqual(died);
    expect((await call("mcp__db__echo", { text: "again" })).content).toBe("again");
    expect(await call("mcp__db__die")).toEqual(died);
    expect(await call("mcp__db__echo", { text: "again" })).toEqual(died);
  });

  it("that hangs in a call is an error at the time limit, and can be called again", async () => {
    const { call } = await open([processServer("well")], { callMs: 2000 });
    const late = { content: `MCP server "db" in ${FILE} did not answer within 2 s.`, isError: true };
    expect(await call("mcp__db__hang")).toEqual(late);
    expect((await call("mcp__db__echo", { text: "again" })).content).toBe("again");
  });

  it("is not waited for once the attempt is over", async () => {
    const { call } = await open([processServer("well")]);
    const over = new AbortController();
    const hanging = call("mcp__db__hang", {}, over.signal);
    over.abort(new Error("it is over"));
    await expect(hanging).rejects.toThrow("it is over");
  });
});

describe("the processes of servers", () => {
  it("end with the attempt", async () => {
    const { call, close } = await open([processServer("well"), processServer("well", {}, "other")]);
    const pids = await Promise.all(["db", "other"].map((name) => call(`mcp__${name}__pid`)));
    const alive = () => Promise.all(pids.map(({ content }) => isAlive(Number(content))));
    expect(await alive()).toEqual([true, true]);
    await close();
    expect(await alive()).toEqual([false, false]);
  });

  it("end when it is aborted, in the middle of a call too", async () => {
    const attempt = new AbortController();
    const { call } = await open([processServer("well")], { signal: attempt.signal });
    const pid = Number((await call("mcp__db__pid")).content);
    const hanging = call("mcp__db__hang");
    attempt.abort(new Error("stopped"));
    await expect(hanging).rejects.toThrow("stopped");
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("end with an engine that is killed", async () => {
    const engine = spawn(process.execPath, [holder(), SCRIPT], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(engine.stdout.setEncoding("utf8"), "data");
    const pid = Number(said);
    expect(await isAlive(pid)).toBe(true);
    engine.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

describe("a server over HTTP", () => {
  const at = (url: string, more: Partial<HttpServer> = {}): McpServer => ({
    written: WRITTEN,
    kind: "http",
    name: "web",
    file: FILE,
    url,
    headers: { Authorization: "Bearer tok-123456" },
    ...more,
  });

  it("is called with the configured headers, and told when it is no longer needed", async () => {
    const server = await startMcpHttp();
    const { call, close } = await open([at(server.url)]);
    expect(await call("mcp__web__echo", { text: "hello" })).toEqual({ content: "hello", isError: false });
    await close();
    expect(new Set(server.headers.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer tok-123456"]),
    );
    expect(server.methods.at(-1)).toBe("DELETE");
  });

  it.each(["http", "sse"] as const)(
    "of the protocol before is understood, configured as %s",
    async (kind) => {
      const server = await startMcpHttp("sse");
      const { call } = await open([at(server.url, { kind })]);
      expect((await call("mcp__web__echo", { text: "hello" })).content).toBe("hello");
      expect((await call("mcp__web__huge")).content).toHaveLength(5 * 1024 * 1024);
      expect(server.headers.every(({ authorization }) => authorization === "Bearer tok-123456")).toBe(true);
    },
  );

  it("that has forgotten us is an error once, and is connected to again", async () => {
    const server = await startMcpHttp();
    const { call } = await open([at(server.url)]);
    server.forget();
    expect(await call("mcp__web__echo", { text: "hello" })).toMatchObject({ isError: true });
    expect((await call("mcp__web__echo", { text: "hello" })).content).toBe("hello");
  });

  it("that is not there is named with its file, and why", async () => {
    const refused = open([at(`http://127.0.0.1:${await freePort()}/mcp?key=tok-123456`)]);
    await expect(refused).rejects.toThrow(
      /^MCP server "web" in .* failed: connect ECONNREFUSED 127.0.0.1:\d+\.$/,
    );
  });

  it("that refuses us is named without what we sent", async () => {
    const server = await startMcpHttp("refusing");
    const refused = open([at(server.url)]);
    await expect(refused).rejects.toThrow(
      /failed: .*HTTP 401|failed: .*You sent Bearer \*\*\*|failed: .*You sent \*\*\*/,
    );
    await expect(refused).rejects.not.toThrow("tok-123456");
  });

  it("is left at the length of a message that no server sends", async () => {
    const server = await startMcpHttp("endless");
    await expect(open([at(server.url)])).rejects.toThrow(/sent a message of more than 32 MB/);
  });
});
