import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";

let simulator: Simulator;
let client: Anthropic;
beforeAll(async () => {
  simulator = await startSimulator({
    scenario: {
      faults: [],
      answers: [
        {
          tools: [
            { name: "web_search", input: { query: "queues" } },
            { name: "web_search", input: { query: "workers" } },
            { name: "web_fetch", input: { url: "https://example.org/a" } },
            { name: "code_execution", input: { command: "ls" } },
          ],
          text: "That is all.",
          when: { match: "^Use them" },
        },
        {
          tools: [{ name: "web_search", input: { query: "x" } }],
          pause: true,
          text: "…",
          when: { match: "^Pause" },
        },
        {
          tools: [
            { name: "web_search", input: { query: "x" } },
            { name: "look_up", input: {} },
          ],
          when: { match: "^Both" },
        },
      ],
    },
  });
  client = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
});
afterAll(() => simulator.close());

const LOOK_UP = { name: "look_up", description: "Looks up.", input_schema: { type: "object" as const } };
const TOOLS = [
  { type: "web_search_20250305", name: "web_search", max_uses: 1 },
  { type: "web_fetch_20250910", name: "web_fetch", max_uses: 1 },
  { type: "code_execution_20250825", name: "code_execution" },
  LOOK_UP,
] satisfies Anthropic.ToolUnion[];

function ask(content: string, tools: Anthropic.ToolUnion[] = TOOLS) {
  const request = { model: "claude-sonnet-5", max_tokens: 3000, tools };
  return { ...request, messages: [{ role: "user" as const, content }] };
}

describe("the API's own tools", () => {
  it("are used within the turn: each use and its result is a block, and too many are an error", async () => {
    const { content, stop_reason, usage } = await client.messages.create(ask("Use them."));
    expect(stop_reason).toBe("end_turn");
    expect(content).toMatchObject([
      { type: "server_tool_use", name: "web_search", input: { query: "queues" } },
      {
        type: "web_search_tool_result",
        content: [{ type: "web_search_result" }, { type: "web_search_result" }],
      },
      { type: "server_tool_use", name: "web_search" },
      {
        type: "web_search_tool_result",
        content: { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" },
      },
      { type: "server_tool_use", name: "web_fetch" },
      {
        type: "web_fetch_tool_result",
        content: { type: "web_fetch_result", url: "https://example.org/a", content: { type: "document" } },
      },
      { type: "server_tool_use", name: "bash_code_execution" },
      {
        type: "bash_code_execution_tool_result",
        content: { type: "bash_code_execution_result", return_code: 0 },
      },
      { type: "text", text: "That is all." },
    ]);
    for (const [index, block] of content.entries()) {
      if (block.type === "server_tool_use")
        expect(content[index + 1]).toMatchObject({ tool_use_id: block.id });
    }
    expect(usage.server_tool_use).toEqual({ web_search_requests: 1, web_fetch_requests: 1 });
    expect(usage.cache_read_input_tokens).toBeGreaterThan(usage.input_tokens);
  });

  it("are streamed as the SDK understands them", async () => {
    const whole = await client.messages.create(ask("Use them."));
    const streamed = await client.messages.stream(ask("Use them.")).finalMessage();
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage.server_tool_use).toEqual(whole.usage.server_tool_use);
  });

  it("may be followed by a pause, or by calls of the request's own tools", async () => {
    const paused = await client.messages.create(ask("Pause."));
    expect(paused.stop_reason).toBe("pause_turn");
    const both = await client.messages.create(ask("Both."));
    expect(both.stop_reason).toBe("tool_use");
    expect(both.content.map(({ type }) => type)).toEqual([
      "server_tool_use",
      "web_search_tool_result",
      "tool_use",
    ]);
  });

  it("are not used where the request has none", async () => {
    const { content, usage } = await client.messages.create(ask('call web_search {"query":"x"}', [LOOK_UP]));
    expect(content.map(({ type }) => type)).toEqual(["text"]);
    expect(usage.server_tool_use).toBeNull();
  });
});
