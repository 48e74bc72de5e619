import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { buyAnswer } from "../../src/calls/answer.ts";
import { createMessagesTransport } from "../../src/calls/messages-transport.ts";
import { createService } from "../../src/calls/service.ts";
import { DEFAULT_ALIASES, resolveModel } from "../../src/domain/model.ts";
import { parsePrices } from "../../src/domain/price.ts";
import { simulatedClaude } from "../support/claude.ts";
import { useTestDatabase } from "../support/database.ts";

const testDatabase = useTestDatabase();
const usage = { input_tokens: 10, output_tokens: 10 };
const CUT = "max_tokens";
const text = (words: string) => ({ type: "text", text: words });

interface Sent {
  readonly max_tokens: number;
  readonly messages: readonly { readonly content: unknown }[];
}
type Reply = { readonly status?: number; readonly body: object };
const message = (stop_reason: string, ...content: object[]): Reply => ({
  body: { type: "message", id: "m", role: "assistant", model: "m", stop_reason, usage, content },
});

/** Gets an answer from a server that replies with these, one after another. */
async function answerFrom(replies: readonly Reply[]) {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "GET") return void response.writeHead(404).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body: Sent = JSON.parse(Buffer.concat(parts).toString());
    const { status = 200, body: answer = {} } = replies[sent.length] ?? {};
    sent.push(body);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const service = createService(createMessagesTransport({ apiKey: "any", baseUrl, streamIdleMs: 10_000 }));
  const desk = await simulatedClaude(testDatabase(), {}, { service, maxTokens: undefined });
  onTestFinished(() => desk.server.close());
  const answer = await buyAnswer(
    desk.claude,
    { system: "s", prompt: "p" },
    {
      threadId: desk.threadId,
      phase: "agents",
      taskId: "t",
      executionId: "e",
      agent: "a",
      attempt: 1,
      turn: 1,
      model: resolveModel("sonnet", DEFAULT_ALIASES, parsePrices()),
      signal: new AbortController().signal,
    },
  );
  return { answer, sent };
}

it("a server that allows fewer tokens than the table has is asked for as many", async () => {
  const words = "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens";
  const refusal = {
    status: 400,
    body: { type: "error", error: { type: "invalid_request_error", message: words } },
  };
  const { answer, sent } = await answerFrom([refusal, message("end_turn", text("All."))]);
  expect(answer.response.text).toBe("All.");
  expect(sent.map(({ max_tokens }) => max_tokens)).toEqual([expect.any(Number), 64_000]);
});

it("a call of the server's own tool that was cut off is not sent back", async () => {
  const open = { type: "server_tool_use", id: "s2", name: "web_search", input: {} };
  const { answer, sent } = await answerFrom([
    message(CUT, text("One, "), open),
    message("end_turn", text("two.")),
  ]);
  expect(answer).toMatchObject({ isCut: false, response: { text: "One, two." } });
  expect(sent[1]?.messages[1]?.content).toEqual([text("One, ")]);
});

it("a pause in a later piece loses nothing that came before it", async () => {
  const { answer, sent } = await answerFrom([
    message(CUT, text("One, ")),
    message("pause_turn", text("two, ")),
    message("end_turn", text("three.")),
  ]);
  expect(answer).toMatchObject({ isCut: false, turn: 3, response: { text: "One, two, three." } });
  expect(sent[2]?.messages.at(-1)).toEqual({ role: "assistant", content: [text("two, ")] });
});
