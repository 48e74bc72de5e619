// A small MCP server over standard input and output: one tool, which answers immediately.
import { createInterface } from "node:readline";

const RESULTS = {
  initialize: {
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1" },
  },
  "tools/list": {
    tools: [
      {
        name: "note",
        description: "Keeps a note.",
        inputSchema: { type: "object" },
        annotations: { readOnlyHint: true },
      },
    ],
  },
  "tools/call": { content: [{ type: "text", text: "It is noted." }] },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  const result = RESULTS[/** @type {keyof typeof RESULTS} */ (method)] ?? {};
  if (id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}
