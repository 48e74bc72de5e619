import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterAll, beforeAll } from "vitest";

/** What a server sends for a request that says `mode NAME`. */
export type Modes = Readonly<
  Record<string, (response: ServerResponse, request: IncomingMessage, body: string) => unknown>
>;

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A real server in Claude's place that answers by the words of the prompt; without such words it gives a good answer. */
export function useOddServer(modes: Modes): () => string {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      if (!request.url?.startsWith("/v1/messages") || request.url.includes("count_tokens")) {
        response.writeHead(404).end();
        return;
      }
      response.on("error", () => undefined);
      const mode = Object.keys(modes).find((name) => body.includes(`mode ${name}`));
      const answer = mode === undefined ? undefined : modes[mode];
      if (answer) answer(response, request, body);
      else sendAnswer(response, [text("Done.")]);
    });
  });
  let url = "";
  beforeAll(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return () => url;
}

export const USAGE = { input_tokens: 5, output_tokens: 1 };

export function opens(response: ServerResponse, usage: unknown = USAGE): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  send(response, { type: "message_start", message: { id: "m", model: "m", content: [], usage } });
}

export function send(response: ServerResponse, event: StreamEvent): boolean {
  return sendJson(response, event.type, JSON.stringify(event));
}

export function sendJson(response: ServerResponse, type: string, json: string): boolean {
  return response.write(`event: ${type}\ndata: ${json}\n\n`);
}

/** Sends many events, as fast as the other side takes them and as long as it does. */
export async function sendMany(
  response: ServerResponse,
  count: number,
  event: (n: number) => string,
): Promise<void> {
  for (let n = 0; n < count && !response.destroyed; n++) {
    if (!response.write(event(n))) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
}

export function ends(
  response: ServerResponse,
  reason = "end_turn",
  usage: unknown = { output_tokens: 3 },
): void {
  send(response, { type: "message_delta", delta: { stop_reason: reason }, usage });
  send(response, { type: "message_stop" });
  response.end();
}

export function text(words: string) {
  return { type: "text", text: words };
}

export function sendAnswer(
  response: ServerResponse,
  blocks: readonly object[],
  reason = "end_turn",
  usage?: unknown,
): void {
  opens(response);
  for (const [index, block] of blocks.entries()) {
    send(response, { type: "content_block_start", index, content_block: block });
    send(response, { type: "content_block_stop", index });
  }
  ends(response, reason, usage);
}
