import { afterEach, describe, expect, it } from "vitest";
import { CallError } from "../../../src/calls/call-error.ts";
import type { TurnResponse } from "../../../src/calls/transport.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import type { CodeTurn } from "../../../src/drivers/claude-code/foreign-request.ts";
import { type ModelProxy, openModelProxy } from "../../../src/drivers/claude-code/model-proxy.ts";

const SESSION = "8d8e6d4c-0000-8000-8000-000000000001";
const MESSAGE: TurnResponse = {
  id: "msg_1",
  model: "m",
  content: [{ type: "text", text: "Hello." }],
  text: "Hello.",
  stopReason: "end_turn",
  usage: NO_USAGE,
  requestId: null,
};
const opened: ModelProxy[] = [];

async function open(buy: (turn: CodeTurn) => Promise<TurnResponse> = async () => MESSAGE) {
  const fatal: unknown[] = [];
  const proxy = await openModelProxy({ sessionId: SESSION, buy, onFatal: (error) => void fatal.push(error) });
  opened.push(proxy);
  const ask = (body: unknown, headers: object = {}, path = "/v1/messages?beta=true") =>
    fetch(`${proxy.url}${path}`, {
      method: "POST",
      headers: { "x-api-key": proxy.key, "x-claude-code-session-id": SESSION, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { proxy, fatal, ask };
}
const BODY = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "Hello?" }] };

afterEach(async () => {
  await Promise.all(opened.splice(0).map((proxy) => proxy.close()));
});

describe("the way of Claude Code to a model", () => {
  it("answers in one piece or as a stream", async () => {
    const { ask } = await open();
    expect(await (await ask(BODY)).json()).toMatchObject({ id: "msg_1", content: MESSAGE.content });
    const stream = await ask({ ...BODY, stream: true });
    expect(stream.headers.get("content-type")).toBe("text/event-stream");
    expect(await stream.text()).toContain("event: message_stop");
  });

  it("buys what is sent twice at the same moment once", async () => {
    let bought = 0;
    let answer: (message: TurnResponse) => void = () => undefined;
    const { ask } = await open(() => {
      bought += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const both = [ask({ ...BODY, stream: true }), ask({ ...BODY, stream: false })];
    await expect.poll(() => bought).toBe(1);
    // The second one is on its way as well: a third, refused at once, has come after it.
    await ask("{");
    answer(MESSAGE);
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    expect(bought).toBe(1);
  });

  it("is closed to everybody without its key", async () => {
    const { ask } = await open();
    expect((await ask(BODY, { "x-api-key": "guess" })).status).toBe(401);
    expect((await ask(BODY, { "x-api-key": "" })).status).toBe(401);
  });

  it.each([
    ["another session", { "x-claude-code-session-id": "other" }],
    ["no session", { "x-claude-code-session-id": "" }],
  ])("refuses %s, which is an agent inside this one, and ends the attempt", async (_, headers) => {
    const { ask, fatal } = await open();
    expect((await ask(BODY, headers)).status).toBe(403);
    expect(fatal).toMatchObject([{ name: "NestedSpawnError" }]);
  });

  it("passes on what the API refused, and ends the attempt for anything else", async () => {
    const refused = new CallError("The request is too large (413).", { kind: "refused", status: 413 });
    const { ask } = await open(async () => Promise.reject(refused));
    const answer = await ask(BODY);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { message: refused.message } });

    const later = new CallError("Claude's server has a problem (529).", { kind: "later", status: 529 });
    const other = await open(async () => Promise.reject(later));
    const left = other.ask(BODY).catch(() => "left without an answer");
    await expect.poll(() => other.fatal).toEqual([later]);
    await other.proxy.close();
    expect(await left).toBe("left without an answer");
  });

  it.each([
    ["no JSON", "{", 400],
    ["no request", {}, 400],
  ])("refuses %s", async (_, body, status) => {
    const { ask, fatal } = await open();
    expect((await ask(body)).status).toBe(status);
    expect(fatal).toEqual([]);
  });

  it("answers nothing but messages", async () => {
    const { ask } = await open();
    expect((await ask(BODY, {}, "/v1/files")).status).toBe(404);
  });
});
