import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { errorBody } from "./api-error.ts";
import type { MessageEvent } from "./message-events.ts";

/** How fast an answer is sent. */
export interface StartLimiter {
  readonly latencyMs: number;
  readonly msPerToken: number;
}

/** Where and how a stream breaks, if it does. */
export interface StreamBreak {
  readonly kind: "mid-stream-error" | "cut-socket" | "stall";
  readonly afterEvents: number;
}

/**
 * Sends events as a stream. Without a pace they go out in one write.
 *
 * @returns how many tokens of the answer were sent.
 */
export async function sendEvents(
  response: ServerResponse,
  events: Iterable<MessageEvent>,
  pace: StartLimiter,
  broken: StreamBreak | undefined,
): Promise<number> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  let sentTokens = 0;
  let sentEvents = 0;
  let gathered = "";
  for (const { type, data, tokens } of events) {
    if (broken && sentEvents === broken.afterEvents) {
      await writeOut(response, gathered);
      await breakStream(response, broken.kind);
      return sentTokens;
    }
    if (response.destroyed) return sentTokens;
    gathered += `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    sentEvents += 1;
    sentTokens += tokens;
    if (pace.msPerToken > 0 && tokens > 0) {
      response.write(gathered);
      gathered = "";
      await sleep(tokens * pace.msPerToken);
    }
  }
  response.end(gathered);
  return sentTokens;
}

/** Resolves when the bytes have left, so that a break comes after them. */
function writeOut(response: ServerResponse, text: string): Promise<void> {
  if (text === "") {
    response.flushHeaders();
    return Promise.resolve();
  }
  return new Promise((resolve) => response.write(text, () => resolve()));
}

async function breakStream(response: ServerResponse, kind: StreamBreak["kind"]): Promise<void> {
  if (kind === "mid-stream-error") {
    const requestId = String(response.getHeader("request-id"));
    const body = errorBody("overloaded_error", "Overloaded", requestId);
    response.end(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
    return;
  }
  if (kind === "cut-socket") {
    response.destroy();
    return;
  }
  // A stall: nothing more comes until the client has had enough.
  if (!response.destroyed) await new Promise<void>((resolve) => response.once("close", () => resolve()));
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
