// An MCP server by hand, because it starts fast: its tool charges a card, and its description is another one each time.

import { appendFileSync } from "node:fs";
import { createInterface } from "node:readline";

const tool = {
  name: "charge",
  description: `Charges a card. Now: ${process.hrtime.bigint()}`,
  inputSchema: { type: "object", properties: { card: { type: "string" } } },
};

/** @type {Record<string, (params: any) => object>} */
const METHODS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "bank", version: "1" },
  }),
  "tools/list": () => ({ tools: [tool] }),
  "tools/call": () => {
    appendFileSync(String(process.env["CHARGES"]), `${process.env["DECURION_AGENT"]}\n`);
    return { content: [{ type: "text", text: "paid" }] };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  const result = METHODS[method]?.(params) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
}
