import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { CallError } from "../../src/calls/call-error.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import type { TurnContext, TurnRequest } from "../../src/calls/transport.ts";

const REQUEST: TurnRequest = { model: "claude-sonnet-5-5", maxTokens: 100, system: "s", prompt: "p" };
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

interface Said {
  readonly type?: string;
  /** What follows the body: its end, nothing for ever, or a cut connection. */
  readonly after?: "end" | "keep" | "cut";
}

/** Asks a server that answers each request with this body. */
async function ask(
  body: string,
  { type = "text/event-stream", after = "end" }: Said = {},
  streamIdleMs = 5000,
) {
  return callServer((_, response) => {
    response.writeHead(200, { "content-type": type });
    response.write(body, () => finish(response, after));
  }, streamIdleMs);
}

function finish(response: ServerResponse, after: Said["after"]): void {
  if (after === "cut") response.destroy();
  else if (after === "end") response.end();
}

async function callServer(
  listener: RequestListener,
  streamIdleMs = 5000,
  context: Partial<TurnContext> = {},
) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  const transport = createMessagesTransport({ apiKey: "k", baseUrl, streamIdleMs });
  return transport.callTurn(REQUEST, { signal: new AbortController().signal, ...context });
}

async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CallError) return error;
  throw new Error(`not a CallError: ${String(error)}`);
}

const events = (...all: object[]) => all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
const usage = { input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 90 };
const start = { type: "message_start", message: { id: "m", type: "message", content: [], usage } };
const block = (index: number, content_block: object, ...deltas: object[]) => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];
const text = (value: string, index = 0) =>
  block(index, { type: "text", text: "" }, { type: "text_delta", text: value });
const ended = (stop_reason: string | null, output_tokens: number | null = 9) => ({
  type: "message_delta",
  delta: { stop_reason },
  usage: { output_tokens },
});
const stop = { type: "message_stop" };
const WHOLE = [start, ...text("whole"), ended("end_turn"), stop];

describe("a message ends at message_stop", () => {
  it.each(["keep", "cut", "end"] as const)("although its connection is then left to: %s", async (after) => {
    const response = await ask(events(...WHOLE), { after });

    expect(response).toMatchObject({ text: "whole", stopReason: "end_turn", usage: { input: 7, output: 9 } });
  });

  it("also where only that mark is missing when the connection is cut", async () => {
    const response = await ask(events(...WHOLE.slice(0, -1)), { after: "cut" });

    expect(response).toMatchObject({ text: "whole", stopReason: "end_turn", usage: { output: 9 } });
  });

  it("and not before its reason, in the middle of a block or between two", async () => {
    const cuts = [WHOLE.slice(0, 2), WHOLE.slice(0, 3), WHOLE.slice(0, 4)];
    for (const cut of cuts) {
      expect(await failureOf(ask(events(...cut), { after: "cut" }))).toMatchObject({ mayBeBilled: true });
    }
  });

  it("keeps what it said of itself before nulls and zeros", async () => {
    const empty = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null };
    const second = { type: "message_delta", delta: { stop_reason: null }, usage: empty };
    const third = { type: "message_delta", delta: null, usage: null };

    const response = await ask(events(start, ...text("x"), ended("max_tokens"), second, third, stop));

    expect(response).toMatchObject({ stopReason: "max_tokens" });
    expect(response.usage).toMatchObject({ input: 7, output: 9, cacheRead: 90 });
  });
});

describe("what is no message is trouble in the server's own words", () => {
  it.each([
    [
      "an error",
      "application/json",
      '{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}',
      "Busy",
    ],
    ["an error without a type", "application/json", '{"error":"upstream is gone"}', "upstream is gone"],
    ["a detail", "application/json", '{"detail":"Not authenticated"}', "Not authenticated"],
    ["details in a list", "application/json", '{"detail":[{"msg":"field required"}]}', "field required"],
    ["an empty object", "application/json", "{}", "{}"],
    ["a login page", "text/html", "<html><title>Sign in</title><body>…</body></html>", 'a page "Sign in"'],
    ["plain words", "text/plain", "no healthy upstream", "no healthy upstream"],
    ["data that is no JSON", "text/event-stream", "data: upstream error\n\n", "upstream error"],
    ["data without a type", "text/event-stream", 'data: {"detail":"quota"}\n\n', "quota"],
    [
      "an error by its event's name",
      "text/event-stream",
      'event: error\ndata: {"message":"down"}\n\n',
      "down",
    ],
  ])("%s", async (_, type, body, words) => {
    const error = await failureOf(ask(body, { type }));

    expect(error).toMatchObject({ kind: "later", mayBeBilled: false });
    expect(error.message).toContain(words);
  });

  it("and a page instead of an error's body too", async () => {
    const call = callServer((_, response) => {
      response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>");
    });

    expect((await failureOf(call)).message).toBe("Claude's server has a problem (502: Bad gateway).");
  });

  it.each([
    ["a start without a message", { type: "message_start" }],
    [
      "a delta of a block that never began",
      { type: "content_block_delta", index: 3, delta: { type: "text_delta" } },
    ],
    ["a block without a type", { type: "content_block_start", index: 0, content_block: {} }],
    [
      "a call without a name",
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a" } },
    ],
  ])("%s, which is never left out", async (_, broken) => {
    const error = await failureOf(ask(events(start, broken, ...WHOLE.slice(1))));

    expect(error).toMatchObject({ kind: "later", mayBeBilled: true });
    expect(error.message).toContain(broken.type);
  });
});

describe("a message is read by what arrives, not by its label", () => {
  const message = { id: "m", type: "message", content: [{ type: "text", text: "whole" }], usage };

  it.each([
    ["JSON labelled as a stream", "text/event-stream", JSON.stringify(message)],
    ["pretty JSON labelled as text", "text/plain", JSON.stringify(message, null, 2)],
    ["a message as the only event", "text/event-stream", events(message)],
    ["a stream labelled as JSON", "application/json", events(...WHOLE)],
    ["a stream with other ends of lines", "text/event-stream", events(...WHOLE).replaceAll("\n", "\r\n")],
    ["a stream without its last blank line", "text/event-stream", events(...WHOLE).trimEnd()],
    ["a stream of events nobody knows", "text/event-stream", events({ type: "news", a: 1 }, ...WHOLE)],
  ])("%s", async (_, type, body) => {
    expect(await ask(body, { type })).toMatchObject({ text: "whole" });
  });

  it("in pieces of any size", async () => {
    const bytes = Buffer.from(
      events(start, ...text("å🦉"), ended("end_turn"), stop).replaceAll("\n", "\r\n"),
    );
    const call = callServer(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (const byte of bytes)
        await new Promise<void>((done) => response.write(Buffer.of(byte), () => done()));
      response.end();
    });

    expect(await call).toMatchObject({ text: "å🦉" });
  });

  it("and keep-alives are signs of life", async () => {
    let left = 15;
    const call = callServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => {
        response.write(": PROCESSING\n\n");
        if (--left > 0) return;
        clearInterval(timer);
        response.end(events(...WHOLE));
      }, 100);
    }, 1000);

    expect(await call).toMatchObject({ text: "whole" });
  });
});

describe("what cannot be stored or sent back", () => {
  it("is replaced in texts, where half a character and the other half arrive apart too", async () => {
    const [high, low] = ["\ud83d", "\ude00"];
    const halves = block(
      0,
      { type: "text", text: "" },
      ...[`a${high}`, `${low}\0${low}`].map((piece) => ({ type: "text_delta", text: piece })),
    );

    const { text: said, content } = await ask(events(start, ...halves, ended("end_turn"), stop));

    expect(said).toBe("a😀\ufffd\ufffd");
    expect(content).toEqual([{ type: "text", text: said }]);
  });

  const call = (json: string) =>
    block(
      0,
      { type: "tool_use", id: "t", name: "Read", input: {} },
      { type: "input_json_delta", partial_json: json },
    );
  const inputOf = async (json: string, reason = "tool_use") => {
    const { content } = await ask(events(start, ...call(json), ended(reason), stop));
    return Object(content[0]).input;
  };

  it("is kept as it arrived in a call's input, and an object keeps its order", async () => {
    expect(await inputOf('{"a": tru')).toBe('{"a": tru');
    expect(await inputOf("[1]")).toBe("[1]");
    expect(await inputOf('{"id":12345678901234567890}')).toBe('{"id":12345678901234567890}');
    expect(await inputOf('{"id":"12345678901234567890","n":1e20}')).toEqual({
      id: "12345678901234567890",
      n: 1e20,
    });
    expect(Object.keys(await inputOf('{"z":1,"a":2}'))).toEqual(["z", "a"]);
    expect(await inputOf("")).toEqual({});
    expect(await inputOf("", "max_tokens")).toBe("");
  });

  it("is kept so in a message of one piece too", async () => {
    const piece =
      '{"id":"m","type":"message","content":[{"type":"tool_use","id":"t","name":"n","input":{"id":12345678901234567890,"s":"\\"1e99"}}]}';

    const { content } = await ask(piece);

    expect(Object(content[0]).input).toBe('{"id":12345678901234567890,"s":"\\"1e99"}');
  });
});

describe("usage", () => {
  it.each([
    ["missing", {}],
    ["null", { usage: null }],
    ["zero", { usage: { input_tokens: 0, output_tokens: 0 } }],
    ["of other words", { usage: { prompt_tokens: 5, completion_tokens: 5 } }],
    ["no numbers", { usage: { input_tokens: "many", output_tokens: "some" } }],
  ])("that is %s is unknown, never nothing", async (_, more) => {
    const message = { id: "m", type: "message", content: [{ type: "text", text: "x" }], ...more };

    expect(await ask(JSON.stringify(message))).toMatchObject({ text: "x", usage: null });
  });

  it("has what was written for an hour apart, what ran in the United States, and every sampling", async () => {
    const written = { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 };
    const all = {
      input_tokens: 1,
      output_tokens: 2,
      cache_creation_input_tokens: 30,
      cache_creation: written,
    };
    const message = { id: "m", type: "message", content: [], usage: { ...all, inference_geo: "us" } };
    const iterations = [all, { type: "compaction", input_tokens: 100, output_tokens: 50 }];

    const { usage: known } = await ask(JSON.stringify(message));
    const compacted = await ask(JSON.stringify({ ...message, usage: { ...all, iterations } }));

    expect(known).toEqual({
      input: 1,
      output: 2,
      cacheRead: 0,
      cacheWrite5m: 10,
      cacheWrite1h: 20,
      isUsOnly: true,
    });
    expect(compacted.usage).toMatchObject({ input: 101, output: 52, cacheWrite1h: 20 });
  });
});
