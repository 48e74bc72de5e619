import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { PriceTable } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";
import type { Bookkeeper } from "./account.ts";
import { type Answer, cutInHalf, invalidOutput, makeAnswer, refusal } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { messageEvents, wholeMessage } from "./message-events.ts";
import type { PromptCache, PromptUsage } from "./prompt-cache.ts";
import type { RateLimiter } from "./rate-limits.ts";
import { type MessagesRequest, parseRequest } from "./request.ts";
import { checkRules, limitsOf } from "./rules.ts";
import type { Fault, ScenarioPlayer, ScriptedAnswer } from "./scenario.ts";
import { type StartLimiter, type StreamBreak, sendEvents, sendJson } from "./send.ts";

/** The state of a simulator between requests. */
export interface SimulatorState {
  readonly prices: PriceTable;
  readonly seed: number;
  readonly pace: StartLimiter;
  readonly books: Bookkeeper;
  readonly cache: PromptCache;
  readonly limiter: RateLimiter;
  readonly player: ScenarioPlayer;
}

/**
 * Answers one POST /v1/messages. Bills everything that it sends, also an incomplete answer.
 *
 * @throws ApiError for a request that the API would refuse.
 */
export async function answerMessages(
  state: SimulatorState,
  body: unknown,
  response: ServerResponse,
): Promise<void> {
  const arrivedAt = performance.now();
  const request = parseRequest(body);
  checkRules(request, state.prices);
  const fault = state.player.faultFor(request);
  if (fault) state.books.fault(nameOf(fault));
  if (fault && "status" in fault) throw statusError(fault);
  const prompt = state.cache.look(request, Date.now());
  const uncached = prompt.usage.input + prompt.usage.cacheWrite5m + prompt.usage.cacheWrite1h;
  for (const [name, value] of Object.entries(state.limiter.take(request.model, uncached, Date.now()))) {
    response.setHeader(name, value);
  }
  const latencyMs = state.pace.latencyMs + (fault?.kind === "latency" ? fault.ms : 0);
  // Composes the answer during the latency.
  const answer = answerFor(request, fault, state.player.answerFor(request), state.seed);
  const head = { id: messageId(body, state.seed), model: request.model };
  const waitMs = arrivedAt + latencyMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  if (response.destroyed) return;
  const broken = breakOf(fault);
  if (broken?.kind === "cut-socket" && broken.afterEvents === 0) return void response.destroy();
  prompt.onFirstEvent(Date.now());
  const usage = usageOf(prompt.usage, answer);
  let sentTokens = answer.outputTokens;
  if (request.stream) {
    sentTokens = await sendEvents(response, messageEvents(head, answer, usage), state.pace, broken);
  } else if (broken) {
    return void response.destroy();
  } else {
    if (state.pace.msPerToken > 0) await sleep(state.pace.msPerToken * answer.outputTokens);
    sendJson(response, 200, wholeMessage(head, answer, usage));
  }
  const output = broken ? sentTokens : answer.outputTokens;
  const requestId = String(response.getHeader("request-id"));
  state.books.bill(requestId, limitsOf(request.model, state.prices), { ...usage, output });
  state.limiter.takeOutput(request.model, output, Date.now());
}

/** After each use of the API's own tools the model reads everything so far again, from the cache. */
function usageOf(prompt: PromptUsage, { outputTokens, serverUse }: Answer): Usage {
  const { tokens, uses, webSearches, codeRuns } = serverUse;
  const input = prompt.input + tokens;
  const all = input + prompt.cacheRead + prompt.cacheWrite5m + prompt.cacheWrite1h;
  const cacheRead = prompt.cacheRead + uses * all;
  return { ...prompt, input, cacheRead, output: outputTokens, webSearches, codeRuns };
}

function nameOf(fault: Fault): string {
  return "status" in fault ? String(fault.status) : fault.kind;
}

function statusError({ status, retryAfter, message, code }: Extract<Fault, { status: number }>): ApiError {
  const headers = typeof retryAfter === "number" ? { "retry-after": String(retryAfter) } : {};
  return new ApiError(status, message ?? `Simulated ${status}`, headers, code);
}

function breakOf(fault: Fault | undefined): StreamBreak | undefined {
  if (!fault || "status" in fault) return undefined;
  if (fault.kind !== "mid-stream-error" && fault.kind !== "cut-socket" && fault.kind !== "stall")
    return undefined;
  return { kind: fault.kind, afterEvents: fault.afterEvents ?? (fault.kind === "cut-socket" ? 0 : 4) };
}

function answerFor(
  request: MessagesRequest,
  fault: Fault | undefined,
  scripted: ScriptedAnswer | undefined,
  seed: number,
): Answer {
  const kind = fault && !("status" in fault) ? fault.kind : undefined;
  if (kind === "refusal") return refusal();
  if (kind === "invalid-output") return invalidOutput();
  const answer = makeAnswer(request, scripted, seed);
  return kind === "max_tokens" ? cutInHalf(answer) : answer;
}

/** The same request has the same id. */
function messageId(body: unknown, seed: number): string {
  return `msg_${createHash("sha256")
    .update(`${seed} ${JSON.stringify(body)}`)
    .digest("hex")
    .slice(0, 24)}`;
}
