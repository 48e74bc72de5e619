import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { PriceTable } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";
import type { Bookkeeper } from "./account.ts";
import { type Answer, cutInHalf, emptyAnswer, makeAnswer, refusal } from "./answer.ts";
import { ApiError } from "./api-error.ts";
import { type MessageHead, messageEvents, wholeMessage } from "./message-events.ts";
import { oddAnswer, oddityOf } from "./oddities.ts";
import type { PromptCache, PromptUsage } from "./prompt-cache.ts";
import type { RateLimiter } from "./rate-limits.ts";
import { blocksOf, type MessagesRequest, parseRequest, textOf } from "./request.ts";
import { checkRules, limitsOf } from "./rules.ts";
import type { Fault, Oddity, ScenarioPlayer, ScriptedAnswer } from "./scenario.ts";
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
  /** The content of turns that paused: the only answers that a request may end with. */
  readonly paused: Set<string>;
  /** What is left of answers that were cut off, by the text that was sent. */
  readonly cutOff: Map<string, string>;
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
  checkRules(request, state.prices, (content) => state.paused.has(keyOf(content)));
  const fault = state.player.faultFor(request);
  if (fault) state.books.fault(nameOf(fault));
  refuse(fault, body);
  if (fault && "kind" in fault && fault.kind === "body") {
    response.writeHead(200, { "content-type": fault.type });
    return void response.end(fault.body);
  }
  const prompt = state.cache.look(request, Date.now());
  const uncached = prompt.usage.input + prompt.usage.cacheWrite5m + prompt.usage.cacheWrite1h;
  for (const [name, value] of Object.entries(state.limiter.take(request.model, uncached, Date.now()))) {
    response.setHeader(name, value);
  }
  const latencyMs = state.pace.latencyMs + delayOf(fault);
  // Composes the answer during the latency.
  const oddity = oddityOf(fault);
  const scripted = state.player.answerFor(request);
  const answer = oddAnswer(answerFor(request, fault, scripted, state.seed, restIn(state, request)), oddity);
  if (answer.rest !== undefined) state.cutOff.set(textKeyOf(answer.blocks), answer.rest);
  if (answer.stopReason === "pause_turn") state.paused.add(keyOf(answer.blocks));
  const head = { id: messageId(body, state.seed), model: request.model };
  const waitMs = arrivedAt + latencyMs - performance.now();
  if (waitMs > 0) await sleep(waitMs);
  if (response.destroyed) return;
  const broken = breakOf(fault);
  if (broken?.kind === "cut-socket" && broken.afterEvents === 0) return void response.destroy();
  prompt.onFirstEvent(Date.now());
  const usage = usageOf(prompt.usage, answer);
  const sentTokens = await send(state, request, { head, answer, usage, broken, oddity }, response);
  if (sentTokens === undefined) return;
  const output = broken ? sentTokens : answer.outputTokens;
  const requestId = String(response.getHeader("request-id"));
  state.books.bill(requestId, limitsOf(request.model, state.prices), { ...usage, output });
  state.limiter.takeOutput(request.model, output, Date.now());
}

function delayOf(fault: Fault | undefined): number {
  return fault && "kind" in fault && fault.kind === "latency" ? fault.ms : 0;
}

/** @throws ApiError where the fault is a refusal. */
function refuse(fault: Fault | undefined, body: unknown): void {
  if (!fault) return;
  if ("status" in fault) throw statusError(fault);
  if (fault.kind !== "refused-field") return;
  const refused = fault.fields.find((field) => JSON.stringify(body).includes(`"${field}":`));
  if (refused) throw new ApiError(400, `${refused}: Extra inputs are not permitted`);
}

interface Sending {
  readonly head: MessageHead;
  readonly answer: Answer;
  readonly usage: Usage;
  readonly broken: StreamBreak | undefined;
  readonly oddity: Oddity | undefined;
}

/** @returns the answer's tokens that were sent; undefined when nothing was, so that nothing is billed. */
async function send(
  { pace }: SimulatorState,
  request: MessagesRequest,
  { head, answer, usage, broken, oddity }: Sending,
  response: ServerResponse,
): Promise<number | undefined> {
  if (request.stream) {
    const events = messageEvents(head, answer, usage, oddity);
    return sendEvents(response, events, pace, broken, oddity);
  }
  if (broken) {
    response.destroy();
    return undefined;
  }
  if (pace.msPerToken > 0) await sleep(pace.msPerToken * answer.outputTokens);
  const type = oddity === "mislabelled" ? "text/event-stream" : "application/json";
  sendJson(response, 200, wholeMessage(head, answer, usage, oddity), type);
  return answer.outputTokens;
}

/** After each use of the API's own tools the model reads everything so far again, from the cache. */
function usageOf(prompt: PromptUsage, { outputTokens, serverUse }: Answer): Usage {
  const { tokens, uses, webSearches, codeRuns } = serverUse;
  const input = prompt.input + tokens;
  const all = input + prompt.cacheRead + prompt.cacheWrite5m + prompt.cacheWrite1h;
  const cacheRead = prompt.cacheRead + uses * all;
  return { ...prompt, input, cacheRead, output: outputTokens, webSearches, codeRuns };
}

/** What is left of the answer that a request asks to go on with. */
function restIn({ cutOff }: SimulatorState, { messages }: MessagesRequest): string | undefined {
  const [answer, question] = messages.slice(-2);
  if (answer?.role !== "assistant" || question?.role !== "user") return undefined;
  return GOES_ON.test(textOf(blocksOf(question.content)))
    ? cutOff.get(textKeyOf(blocksOf(answer.content)))
    : undefined;
}

const GOES_ON = /^Your previous response was interrupted/;

function textKeyOf(blocks: readonly { readonly type: string; readonly text?: unknown }[]): string {
  return blocks.map(({ type, text }) => (type === "text" ? text : "")).join("");
}

/** What a message says, whatever marks for the cache it has by now. */
function keyOf(
  blocks: readonly { readonly type: string; readonly text?: unknown; readonly id?: unknown }[],
): string {
  return JSON.stringify(blocks.map(({ type, text, id }) => [type, text, id]));
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
  rest: string | undefined,
): Answer {
  const kind = fault && !("status" in fault) ? fault.kind : undefined;
  if (kind === "refusal") return refusal();
  if (kind === "empty-answer") return emptyAnswer();
  const answer = makeAnswer(request, scripted, seed, rest);
  return kind === "max_tokens" ? cutInHalf(answer) : answer;
}

/** The same request has the same id. */
function messageId(body: unknown, seed: number): string {
  return `msg_${createHash("sha256")
    .update(`${seed} ${JSON.stringify(body)}`)
    .digest("hex")
    .slice(0, 24)}`;
}
