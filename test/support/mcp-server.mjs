// An MCP server for tests, written with the official SDK. Its first argument says how it misbehaves.

import { fileURLToPath } from "node:url";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const TOOLS_A_PAGE = 50;

/** @param {string} name @param {object} [more] */
function tool(name, more) {
  return {
    name,
    description: `Does ${name}.`,
    inputSchema: { type: /** @type {const} */ ("object") },
    ...more,
  };
}

/** @param {number} many - Further tools, over several pages. */
function toolsOf(many) {
  return [
    tool("echo", {
      annotations: { readOnlyHint: true },
      inputSchema: { type: "object", properties: { text: { type: "string" } }, required: ["text"] },
    }),
    tool("fail"),
    tool("hang"),
    tool("die"),
    tool("huge"),
    tool("kinds"),
    tool("environment"),
    tool("pid"),
    tool("eat"),
    tool("any", { inputSchema: { type: "object", anyOf: [{ required: ["a"] }, { required: ["b"] }] } }),
    tool(`long-${"x".repeat(80)}`),
    ...Array.from({ length: many }, (_, index) => tool(`more-${index}`)),
  ];
}

/** @type {Record<string, (input: Record<string, unknown>) => unknown>} */
const CALLS = {
  echo: ({ text }) => text,
  fail: () => {
    throw new Error("it did not work");
  },
  hang: () => new Promise(() => undefined),
  die: () => process.kill(process.pid, "SIGKILL"),
  pid: () => process.pid,
  eat: async () => {
    const eaten = [];
    for (;;) {
      eaten.push(Buffer.alloc(20_000_000, 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
  huge: () => "x".repeat(5 * 1024 * 1024),
  environment: ({ name }) => process.env[String(name)] ?? "(not set)",
};

const KINDS = [
  { type: "text", text: "words" },
  { type: "image", data: "AAAA".repeat(1024), mimeType: "image/png" },
  { type: "audio", data: "AAAA", mimeType: "audio/wav" },
  { type: "resource", resource: { uri: "file:///a.txt", text: "of a resource" } },
  { type: "resource", resource: { uri: "file:///b.bin", blob: "AAAA", mimeType: "application/pdf" } },
  { type: "resource_link", uri: "https://example.org/c", name: "c" },
];

/** @param {number} [many] */
export function createMcpServer(many = 0) {
  const server = new Server({ name: "for-tests", version: "1" }, { capabilities: { tools: {} } });
  const all = toolsOf(many);
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => {
    const from = Number(params?.cursor ?? 0);
    const next = from + TOOLS_A_PAGE;
    const tools = all.slice(from, next);
    return next < all.length ? { tools, nextCursor: String(next) } : { tools };
  });
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: input = {} } }) => {
    if (name === "kinds") return { content: KINDS };
    const call = CALLS[name];
    if (!call) throw new Error(`There is no tool ${name}.`);
    try {
      return { content: [{ type: "text", text: String(await call(input)) }] };
    } catch (error) {
      return { content: [{ type: "text", text: String(error) }], isError: true };
    }
  });
  return server;
}

/** @type {Record<string, () => Promise<void>>} */
const WAYS = {
  well: () => createMcpServer().connect(new StdioServerTransport()),
  /** Goes on though nobody speaks to it any more. */
  deaf: async () => {
    setInterval(() => undefined, 1000);
    await createMcpServer().connect(new StdioServerTransport());
  },
  many: () => createMcpServer(200).connect(new StdioServerTransport()),
  rubbish: async () => {
    process.stdout.write('Welcome!\n{"jsonrpc": "2.0", "id": \n[1,2]\n\n');
    await createMcpServer().connect(new StdioServerTransport());
    process.stdout.write("still here\n");
  },
  silent: async () => void setInterval(() => undefined, 1000),
  refuse: async () => {
    process.stderr.write(`The token ${process.env["TOKEN"]} is not valid\n`);
    process.exit(3);
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await WAYS[process.argv[2] ?? "well"]?.();
