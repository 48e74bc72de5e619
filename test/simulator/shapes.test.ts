import Anthropic from "@anthropic-ai/sdk";
import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";

const MODEL = "claude-sonnet-5";
const TOOL = {
  name: "look_up",
  description: "Looks a word up.",
  input_schema: { type: "object" as const, properties: { word: { type: "string" } }, required: ["word"] },
};
const REQUEST = {
  model: MODEL,
  max_tokens: 3000,
  messages: [{ role: "user" as const, content: "Say hello to the queue. It has ten workers." }],
};

let simulator: Simulator;
let other: LLMock;
let ours: Anthropic;
let theirs: Anthropic;

beforeAll(async () => {
  simulator = await startSimulator({
    scenario: {
      faults: [],
      answers: [{ tools: [{ name: "look_up", input: { word: "queue" } }], when: { match: "^Use the tool" } }],
    },
  });
  ours = new Anthropic({ apiKey: "any", baseURL: simulator.url, maxRetries: 0 });
  other = new LLMock({ port: 0 });
  other.onMessage("Use the tool", { toolCalls: [{ name: "look_up", arguments: '{"word":"queue"}' }] });
  other.onMessage("hello", { content: "Hello, queue with ten workers, which is a text of several pieces." });
  await other.start();
  theirs = new Anthropic({ apiKey: "any", baseURL: other.url, maxRetries: 0 });
});
afterAll(async () => {
  await simulator.close();
  await other.stop();
});

/** A value with every text, number and flag replaced by its type: what is left is its shape. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, shapeOf(entry)]));
}

/** Keys of the API which one side sends and the other leaves out; the SDK types know all of them. */
const OPTIONAL = new Set([
  ...["cache_creation", "cache_creation_input_tokens", "cache_read_input_tokens", "service_tier"],
  ...["server_tool_use", "inference_geo", "container", "stop_details", "caller", "citations", "_request_id"],
  ...["context_management", "output_tokens_details", "iterations", "diagnostics"],
]);

function withoutOptional(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOptional);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !OPTIONAL.has(key));
  return Object.fromEntries(kept.map(([key, entry]) => [key, withoutOptional(entry)]));
}

async function eventsOf(client: Anthropic, request: typeof REQUEST & { tools?: (typeof TOOL)[] }) {
  const events = [];
  for await (const event of await client.messages.create({ ...request, stream: true })) events.push(event);
  return events;
}

describe("another opinion of the Messages API agrees with the simulator", () => {
  const toolRequest = {
    ...REQUEST,
    messages: [{ role: "user" as const, content: "Use the tool" }],
    tools: [TOOL],
  };

  it.each([
    ["a text", REQUEST],
    ["a tool call", toolRequest],
  ])("on the shape of a message with %s", async (_, request) => {
    const [mine, yours] = [await ours.messages.create(request), await theirs.messages.create(request)];

    expect(withoutOptional(shapeOf(mine))).toEqual(withoutOptional(shapeOf(yours)));
    expect(mine.stop_reason).toBe(yours.stop_reason);
    expect(mine.content.map((block) => block.type)).toEqual(yours.content.map((block) => block.type));
  });

  it.each([
    ["a text", REQUEST],
    ["a tool call", toolRequest],
  ])("on the kinds and the order of the events of a stream with %s", async (_, request) => {
    const [mine, yours] = [await eventsOf(ours, request), await eventsOf(theirs, request)];

    const order = (events: typeof mine) =>
      events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(order(mine)).toEqual(order(yours));
    for (const type of new Set(order(yours))) {
      const first = (events: typeof mine) =>
        withoutOptional(shapeOf(events.find((one) => one.type === type)));
      // The API repeats all of the usage in message_delta, as the SDK's types say; the other one only the output.
      expect(first(mine)).toMatchObject(Object(first(yours)));
    }
  });
});

describe("the SDK's stream helper and a message in one piece agree", () => {
  it.each([
    ["a text", {}],
    ["thinking", { thinking: { type: "adaptive" as const } }],
    ["a tool that must be called", { tools: [TOOL], tool_choice: { type: "any" as const } }],
    ["a schema", { output_config: { format: { type: "json_schema" as const, schema: schema() } } }],
    ["a stop sequence", { stop_sequences: ["workers"] }],
    ["too few tokens", { max_tokens: 5 }],
  ])("block by block and in usage: %s", async (_, more) => {
    simulator.reset(); // The prompt cache would make the second one cheaper.
    const whole = await ours.messages.create({ ...REQUEST, ...more });
    simulator.reset();
    const streamed = await ours.messages.stream({ ...REQUEST, ...more }).finalMessage();

    expect(streamed.content.map(plainBlock)).toEqual(whole.content.map(plainBlock));
    expect(streamed.stop_reason).toBe(whole.stop_reason);
    expect(streamed.stop_sequence).toBe(whole.stop_sequence);
    expect(streamed.usage).toMatchObject(whole.usage);
    expect(streamed.id).toMatch(/^msg_/);
  });

  it("gives each reason to stop where the API would", async () => {
    const stop = async (more: object) => (await ours.messages.create({ ...REQUEST, ...more })).stop_reason;

    expect(await stop({})).toBe("end_turn");
    expect(await stop({ max_tokens: 5 })).toBe("max_tokens");
    expect(await stop({ stop_sequences: ["queue"] })).toBe("stop_sequence");
    expect(await stop({ tools: [TOOL], tool_choice: { type: "tool", name: "look_up" } })).toBe("tool_use");
  });

  it("calls the tools that lines of the prompt call, where there are such tools", async () => {
    const lines =
      'call look_up {"word":"a"}\ncall look_up {"word":"b"}\ncall other {}\ncall look_up {broken}';
    const messages = [{ role: "user" as const, content: `Do this:\n${lines}` }];
    const { content } = await ours.messages.create({ ...REQUEST, messages, tools: [TOOL] });
    expect(content.map(plainBlock)).toEqual([
      { type: "tool_use", name: "look_up", input: { word: "a" } },
      { type: "tool_use", name: "look_up", input: { word: "b" } },
    ]);
    const without = await ours.messages.create({ ...REQUEST, messages });
    expect(without.stop_reason).toBe("end_turn");
  });

  it("goes on after a tool's result with an answer", async () => {
    const asked = await ours.messages.create({ ...REQUEST, tools: [TOOL], tool_choice: { type: "any" } });
    const [call] = asked.content;
    expect(call?.type).toBe("tool_use");
    const id = call?.type === "tool_use" ? call.id : "";

    const answer = await ours.messages.create({
      ...REQUEST,
      tools: [TOOL],
      messages: [
        ...REQUEST.messages,
        { role: "assistant", content: asked.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: id, content: "A queue is a line." }] },
      ],
    });

    expect(answer.stop_reason).toBe("end_turn");
    expect(answer.content[0]?.type).toBe("text");
  });
});

describe("the other routes", () => {
  it("count tokens as a call does, and list the models there is a price for", async () => {
    simulator.reset();
    const counted = await ours.messages.countTokens({ model: MODEL, messages: REQUEST.messages });
    const { usage } = await ours.messages.create(REQUEST);
    expect(counted.input_tokens).toBe(usage.input_tokens);

    const models = [];
    for await (const model of ours.models.list()) models.push(model.id);
    expect(models).toContain(MODEL);
    expect((await ours.models.retrieve(MODEL)).id).toBe(MODEL);
  });
});

function schema() {
  return {
    type: "object",
    additionalProperties: false,
    required: ["names"],
    properties: { names: { type: "array", items: { type: "string" } } },
  };
}

/** A block without what only the SDK's helper adds to it. */
function plainBlock(block: Anthropic.ContentBlock) {
  if (block.type === "text") return { type: block.type, text: block.text };
  if (block.type === "tool_use") return { type: block.type, name: block.name, input: block.input };
  return block;
}
