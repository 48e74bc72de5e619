import { afterAll, describe, expect, it } from "vitest";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function start(scenario: Partial<Scenario> = {}) {
  const server = await startSimulator({ scenario: parseScenario(scenario) });
  closers.push(() => server.close());
  return async (body: object) => {
    const response = await fetch(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "k" },
      body: JSON.stringify({ model: "claude-sonnet-5", max_tokens: 500, ...body }),
    });
    return { status: response.status, text: await response.text() };
  };
}

const user = (content: unknown) => ({ role: "user", content });
const says = (...content: object[]) => ({ role: "assistant", content });
const call = { type: "tool_use", id: "t1", name: "Read", input: {} };
const result = { type: "tool_result", tool_use_id: "t1", content: "x" };
const tool = (more: object) => ({ name: "Read", input_schema: { type: "object" }, ...more });
const schema = (more: object) => tool({ input_schema: { type: "object", ...more } });
const asked = [user("x")];

describe("the simulator refuses what the API refuses", () => {
  it.each([
    ["half a character", { messages: [user("\ud83d")] }, "no low surrogate"],
    ["no content", { messages: [user("x"), says(), user("y")] }, "must have non-empty content"],
    ["empty text", { messages: [user([{ type: "text", text: "" }])] }, "must be non-empty"],
    ["blank text", { messages: [user([{ type: "text", text: "\n" }])] }, "non-whitespace text"],
    [
      "an input that is text",
      { messages: [user("x"), says({ ...call, input: "{" }), user([result])] },
      "valid dictionary",
    ],
    [
      "an input that is a list",
      { messages: [user("x"), says({ ...call, input: [] }), user([result])] },
      "valid dictionary",
    ],
    ["a result without its call", { messages: [user([result])] }, "unexpected `tool_use_id`"],
    ["one id twice", { messages: [user("x"), says(call, call), user([result])] }, "ids must be unique"],
    [
      "a given beginning",
      { messages: [user("x"), says({ type: "text", text: "I" })] },
      "does not support assistant message prefill",
    ],
    [
      "a tool's name",
      { messages: asked, tools: [tool({ name: "a.b" })] },
      "custom.name: String should match",
    ],
    ["two tools of one name", { messages: asked, tools: [tool({}), tool({})] }, "names must be unique"],
    [
      "a property's name",
      { messages: asked, tools: [schema({ properties: { "a b": {} } })] },
      "Property keys",
    ],
    ["alternatives", { messages: asked, tools: [schema({ anyOf: [] })] }, "oneOf, allOf, or anyOf"],
    [
      "a schema of no object",
      { messages: asked, tools: [tool({ input_schema: { type: "string" } })] },
      "Input should be 'object'",
    ],
    [
      "more output than the model has",
      { messages: asked, model: "claude-haiku-4-5", max_tokens: 64_001 },
      "64001 > 64000",
    ],
  ])("%s", async (_, body, words) => {
    const { status, text } = await (await start())(body);

    expect(status).toBe(400);
    expect(text).toContain(words);
  });

  it("thoughts that were edited or moved, or go to another model, and takes them back as they were", async () => {
    const post = await start();
    const thinking = { type: "adaptive" };
    const first = JSON.parse((await post({ messages: asked, thinking })).text);
    const again = (content: object[], more: object = {}) =>
      post({ messages: [...asked, says(...content), user("go on")], thinking, ...more });
    const [thought, ...rest] = first.content;

    expect((await again(first.content)).status).toBe(200);
    expect((await again([{ ...thought, thinking: "other" }, ...rest])).text).toContain("Invalid `signature`");
    expect((await again([...rest, thought])).text).toContain("Invalid `signature`");
    expect((await again(first.content, { model: "claude-opus-5" })).text).toContain("Invalid `signature`");
  });

  it("but takes back a turn that paused", async () => {
    const post = await start({ answers: [{ text: "so far", pause: true, when: { nth: 1 } }] });
    const { content } = JSON.parse((await post({ messages: asked })).text);

    expect((await post({ messages: [...asked, says(...content)] })).status).toBe(200);
  });
});

describe("the simulator plays what gateways do", () => {
  it("a field that is refused, a body that is no message, and an outage", async () => {
    const post = await start({
      faults: [
        { kind: "refused-field", fields: ["output_config"], when: { match: "format" } },
        { kind: "body", type: "text/html", body: "<p>Sign in</p>", when: { match: "page" } },
        { status: 529, when: { match: "outage", forMs: 100_000 } },
      ],
    });
    const format = { type: "json_schema", schema: { type: "object" } };

    expect((await post({ messages: [user("format")], output_config: { format } })).text).toContain(
      "output_config: Extra inputs are not permitted",
    );
    expect((await post({ messages: [user("format")] })).status).toBe(200);
    expect(await post({ messages: [user("page")] })).toEqual({ status: 200, text: "<p>Sign in</p>" });
    expect((await post({ messages: [user("outage")] })).status).toBe(529);
  });
});
