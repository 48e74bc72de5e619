import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { CallError } from "../../src/calls/call-error.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import type { TurnRequest } from "../../src/calls/transport.ts";
import { parseScenario, type Scenario } from "../../src/simulator/scenario.ts";
import { startSimulator } from "../../src/simulator/server.ts";

const KEY = "sk-ant-secret-of-this-test";
const REQUEST: TurnRequest = {
  model: "claude-sonnet-5",
  maxTokens: 2000,
  system: "You are brief.",
  prompt: "Say what a shard is. It is a part of a whole. It is small.",
};
const NEVER = new AbortController().signal;
const closers: (() => Promise<void> | void)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

async function driverFor(scenario: Partial<Scenario>, streamIdleMs = 30_000) {
  const server = await startSimulator({ scenario: parseScenario(scenario), apiKey: KEY });
  closers.push(() => server.close());
  return { server, driver: createMessagesTransport({ apiKey: KEY, baseUrl: server.url, streamIdleMs }) };
}

/** A server which is not the Messages API as we know it. */
async function driverForListener(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return createMessagesTransport({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}`, streamIdleMs: 30_000 });
}

async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CallError)) throw new Error(`not a CallError: ${String(error)}`);
  expect(`${error.message}${error.stack}`).not.toContain(KEY);
  return error;
}

describe("a turn", () => {
  it("streams its text and comes back whole, with usage and the request's id", async () => {
    const { driver, server } = await driverFor({});
    const pieces: string[] = [];

    const response = await driver.callTurn(REQUEST, { signal: NEVER, onText: (text) => pieces.push(text) });

    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(response.text);
    expect(response).toMatchObject({ stopReason: "end_turn", model: REQUEST.model });
    expect(response.requestId).toMatch(/^req_/);
    expect(response.usage).toEqual(server.account().tokens);
  });

  it("tells the model its tools, leaves the choice to it, and has all before the last word cached", async () => {
    const bodies: Record<string, unknown>[] = [];
    const driver = await driverForListener(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      bodies.push(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "m", type: "message", content: [], usage: {} }));
    });
    const tools = [{ name: "Read", description: "d", input_schema: { type: "object" } }];
    const results = ["a", "b"].map((id) => ({ type: "tool_result", tool_use_id: id, content: id }));
    const continued = [
      { role: "assistant", content: [{ type: "tool_use", id: "a", name: "Read", input: {} }] },
      { role: "user", content: results },
    ] as const;

    await driver.callTurn({ ...REQUEST, tools, cacheSystem: true, continued }, { signal: NEVER });
    await driver.callTurn({ ...REQUEST, continued }, { signal: NEVER });

    const [withTools, without] = bodies;
    const cached = { cache_control: { type: "ephemeral" } };
    expect(withTools).toMatchObject({ tools, tool_choice: { type: "auto" } });
    expect(withTools?.["system"]).toEqual([{ type: "text", text: REQUEST.system, ...cached }]);
    expect(withTools?.["messages"]).toEqual([
      { role: "user", content: REQUEST.prompt },
      continued[0],
      { role: "user", content: [results[0], { ...results[1], ...cached }] },
    ]);
    expect(Object.keys(without ?? {})).not.toContain("tools");
    expect(without?.["messages"]).toEqual([{ role: "user", content: REQUEST.prompt }, ...continued]);
  });

  it("sends its own key alone, and no header that the environment of the process names", async () => {
    const hostile = {
      ANTHROPIC_CUSTOM_HEADERS: "x-evil: yes",
      ANTHROPIC_AUTH_TOKEN: "evil",
      ANTHROPIC_API_KEY: "evil",
      ANTHROPIC_BASE_URL: "http://127.0.0.1:9",
    };
    const headers: IncomingHttpHeaders[] = [];
    Object.assign(process.env, hostile);
    try {
      const driver = await driverForListener((request, response) => {
        headers.push(request.headers);
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ id: "m", type: "message", content: [], usage: {} }));
      });
      await driver.callTurn(REQUEST, { signal: NEVER });
    } finally {
      for (const name of Object.keys(hostile)) Reflect.deleteProperty(process.env, name);
    }
    expect(headers).toHaveLength(1);
    expect(JSON.stringify(headers)).toContain(KEY);
    expect(JSON.stringify(headers)).not.toContain("evil");
  });

  it("brings an answer that satisfies the schema asked for", async () => {
    const { driver } = await driverFor({});
    const jsonSchema = {
      type: "object",
      required: ["count", "names"],
      properties: {
        count: { type: "integer", minimum: 3 },
        names: { type: "array", items: { type: "string" }, minItems: 1 },
      },
    };

    const { text } = await driver.callTurn({ ...REQUEST, jsonSchema }, { signal: NEVER });

    expect(JSON.parse(text)).toMatchObject({ count: 3, names: expect.arrayContaining([expect.any(String)]) });
  });

  it.each([
    ["refusal", "refusal"],
    ["max_tokens", "max_tokens"],
  ] as const)("that ends by %s is a response, paid for like any other", async (kind, stopReason) => {
    const { driver, server } = await driverFor({ faults: [{ kind }] });

    const response = await driver.callTurn(REQUEST, { signal: NEVER });

    expect(response.stopReason).toBe(stopReason);
    expect(server.account().answers).toBe(1);
  });
});

describe("a call that fails", () => {
  it.each([
    [{ status: 400, message: "bad words" }, "refused", /Claude refused the request \(400: bad words\)/],
    [{ status: 401 }, "refused", /check ANTHROPIC_API_KEY \(401/],
    [{ status: 402 }, "halted", /no money left/],
    [{ status: 403 }, "refused", /has no permission/],
    [{ status: 404 }, "refused", /knows no such model/],
    [{ status: 413 }, "refused", /too large/],
    [{ status: 429 }, "later", /rate limit was reached/],
    [{ status: 500 }, "later", /has a problem \(500/],
    [{ status: 504 }, "later", /has a problem \(504/],
    [{ status: 529 }, "later", /has a problem \(529/],
  ] as const)("with %o is %s and not billed", async (fault, kind, message) => {
    const { driver, server } = await driverFor({ faults: [fault] });

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error).toMatchObject({ kind, status: fault.status, mayBeBilled: false });
    expect(error.message).toMatch(message);
    expect(server.account().answers).toBe(0);
  });

  it("says how long the server asks to wait, in seconds or until a date", async () => {
    const { driver } = await driverFor({ faults: [{ status: 429, retryAfter: 7 }] });
    const until = await driverForListener((_, response) => {
      const date = new Date(Date.now() + 3_600_000).toUTCString();
      response.writeHead(429, { "content-type": "application/json", "retry-after": date }).end("{}");
    });

    const seconds = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));
    const date = await failureOf(until.callTurn(REQUEST, { signal: NEVER }));

    expect(seconds.retryAfterMs).toBe(7000);
    expect(date.retryAfterMs).toBeGreaterThan(3_500_000);
  });

  it.each(["0", "-5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])(
    "has no time to wait by retry-after: %s",
    async (retryAfter) => {
      const driver = await driverForListener((_, response) => {
        response.writeHead(529, { "retry-after": retryAfter }).end("{}");
      });

      expect((await failureOf(driver.callTurn(REQUEST, { signal: NEVER }))).retryAfterMs).toBeUndefined();
    },
  );

  it.each([[{ kind: "mid-stream-error" as const }], [{ kind: "cut-socket" as const, afterEvents: 3 }]])(
    "in the middle (%o) may have been billed and can be tried later",
    async (fault) => {
      const { driver } = await driverFor({ faults: [fault] });

      const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

      expect(error).toMatchObject({ kind: "later", mayBeBilled: true });
    },
  );

  it("before it answers anything (a cut socket) is not billed", async () => {
    const { driver } = await driverFor({ faults: [{ kind: "cut-socket" }] });

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error).toMatchObject({ kind: "later", mayBeBilled: false });
    expect(error.message).toMatch(/connection to Claude failed/);
  });

  it("by silence is ended by the idle watchdog", async () => {
    const { driver } = await driverFor({ faults: [{ kind: "stall" }] }, 100);

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error).toMatchObject({ kind: "later", mayBeBilled: true });
    expect(error.message).toBe("Claude's stream was silent for 0.1 s.");
  });

  it("because we stop it is aborted and counted as possibly billed", async () => {
    const { driver } = await driverFor({ faults: [{ kind: "stall" }] });
    const controller = new AbortController();
    const onText = () => controller.abort();

    const error = await failureOf(driver.callTurn(REQUEST, { signal: controller.signal, onText }));

    expect(error).toMatchObject({ kind: "aborted", mayBeBilled: true });
  });

  it("because nobody listens there says so", async () => {
    const { driver, server } = await driverFor({});
    await server.close();

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error.kind).toBe("later");
    expect(error.message).toMatch(/ECONNREFUSED/);
  });

  it("because the key is wrong never shows the key", async () => {
    const { server } = await driverFor({});
    const driver = createMessagesTransport({
      apiKey: `${KEY}-wrong`,
      baseUrl: server.url,
      streamIdleMs: 1000,
    });

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error).toMatchObject({ kind: "refused", status: 401 });
  });
});

describe("another server that speaks the Messages API", () => {
  const message = {
    id: "m1",
    type: "message",
    role: "assistant",
    model: "other",
    stop_reason: "end_turn",
    content: [{ type: "text", text: "whole" }],
    usage: { input_tokens: 3, output_tokens: 1 },
  };

  it("may answer in one piece although asked to stream", async () => {
    const driver = await driverForListener((_, response) => {
      response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
      response.end(JSON.stringify(message));
    });

    const response = await driver.callTurn(REQUEST, { signal: NEVER });

    expect(response).toMatchObject({ text: "whole", usage: { input: 3, output: 1, cacheRead: 0 } });
  });

  it("may leave out event names, usage details and send events nobody knows", async () => {
    const driver = await driverForListener((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const events = [
        { type: "message_start", message: { ...message, content: [], usage: { input_tokens: 3 } } },
        { type: "something_new", detail: { a: 1 } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "in parts" } },
        { type: "content_block_delta", index: 0, delta: { type: "new_delta", what: 1 } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } },
        { type: "message_stop" },
      ];
      response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`);
    });

    const response = await driver.callTurn(REQUEST, { signal: NEVER });

    expect(response).toMatchObject({ text: "in parts", usage: { input: 3, output: 9 } });
  });

  it.each([
    ["a page of HTML", "text/html", "<html>Bad gateway</html>"],
    ["a stream that ends early", "text/event-stream", `data: {"type":"ping"}\n\n`],
    ["broken JSON", "application/json", '{"id": "m'],
    ["JSON that is no message", "application/json", "[]"],
  ])("that sends %s is a failed call, never an empty answer", async (_, type, body) => {
    const driver = await driverForListener((_request, response) => {
      response.writeHead(200, { "content-type": type }).end(body);
    });

    const error = await failureOf(driver.callTurn(REQUEST, { signal: NEVER }));

    expect(error.kind).toBe("later");
  });
});
