import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { errorBody } from "./api-error.ts";
import type { MessageEvent } from "./message-events.ts";
import type { Oddity } from "./scenario.ts";

/** The speed of an answer. */
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
 * Sends events as a stream; without a pace in one write.
 *
 * @returns the number of answer tokens that were sent.
 */
export async function sendEvents(
  response: ServerResponse,
  events: Iterable<MessageEvent>,
  pace: StartLimiter,
  broken: StreamBreak | undefined,
  oddity?: Oddity,
): Promise<number> {
  const type = oddity === "mislabelled" ? "application/json" : "text/event-stream; charset=utf-8";
  response.writeHead(200, { "content-type": type, "cache-control": "no-cache" });
  const comment = oddity === "comments" ? ": PROCESSING\n\n" : "";
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
    gathered += `${comment}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    sentEvents += 1;
    sentTokens += tokens;
    if (pace.msPerToken > 0 && tokens > 0) {
      response.write(gathered);
      gathered = "";
      await sleep(tokens * pace.msPerToken);
    }
  }
  if (oddity === "cut-after-stop" || oddity === "open-after-stop") {
    await writeOut(response, gathered);
    if (oddity === "cut-after-stop") response.destroy();
    return sentTokens;
  }
  response.end(gathered);
  return sentTokens;
}

/** Resolves when the bytes are sent, so that a break comes after them. */
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
  // A stall: sends nothing more until the client gives up.
  if (!response.destroyed) await new Promise<void>((resolve) => response.once("close", () => resolve()));
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  type = "application/json",
): void {
  response.writeHead(status, { "content-type": type });
  response.end(JSON.stringify(body));
}
