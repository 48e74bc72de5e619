import type { Model } from "../domain/model.ts";
import { costUsd, upToUsd, type WorstCase, worstCasePrice } from "../domain/price.ts";
import { NO_USAGE, type Usage } from "../domain/usage.ts";
import { type CallKey, commitCall, failCall } from "../postgres/claude-calls/ledger.ts";
import type { Opening } from "../postgres/claude-calls/openings.ts";
import { type Reserved, reserveCall } from "../postgres/claude-calls/reserve.ts";
import { prefixKey } from "./cache-gate.ts";
import { CallError, stoppedError } from "./call-error.ts";
import type { SendLease } from "./governor.ts";
import { toJournal } from "./journal.ts";
import { type BoundedCall, costAtStartUsd, mostUsdOf, recordUnderWay } from "./known-cost.ts";
import { toOpening } from "./opening.ts";
import { OverBudgetError } from "./over-budget.ts";
import { promptTokensAbout, promptTokensAtMost, promptTokensCounted } from "./prompt-size.ts";
import type { Claude, Opened, PaidTurn, TurnPurpose } from "./purpose.ts";
import { type Room, roomFor } from "./room.ts";
import { serverWorkAtMost } from "./server-tools.ts";
import { stopSignal } from "./stop-signal.ts";
import type { AskedTurn, TurnRequest } from "./transport.ts";

/**
 * Sends a request once and settles it. Waits first for a call with the same prefix, then for the governor, and then
 * reserves its worst case.
 *
 * @throws CallError when there is no answer; OverBudgetError when the budget has no room for it.
 */
export async function sendAndSettle(
  claude: Claude,
  request: AskedTurn,
  key: CallKey,
  purpose: TurnPurpose,
): Promise<PaidTurn> {
  const { service, draining } = claude;
  const { signal, model, wantedTokens } = purpose;
  const stop = stopSignal(signal, draining);
  if (stop.aborted) throw stoppedError();
  const room = await roomFor(claude, model, wantedTokens);
  const prefixLease = request.cacheSystem
    ? await service.cacheGate.pass(prefixKey(request), stop)
    : undefined;
  try {
    const need = { inputTokens: promptTokensAbout(request) };
    const lease = await service.governor.admit(request.model, need, stop);
    const call = await reserve(claude, { request, room, key }, purpose, stop).catch((error: unknown) => {
      lease.done("unsent");
      throw error;
    });
    const sent = { ...request, maxTokens: call.maxTokens };
    return await callAndSettle(claude, sent, purpose, call, lease, () => prefixLease?.started());
  } finally {
    prefixLease?.ended();
  }
}

interface ReservedCall extends Reserved {
  readonly maxTokens: number;
  /** What the reservation is made of. */
  readonly price: WorstCase;
}

interface WantedCall {
  readonly request: AskedTurn;
  readonly room: Room;
  readonly key: CallKey;
}

/**
 * Reserves the call's worst case, with as much room for its answer as the budget has. When the least does not fit, it may
 * fit by the server's own count of the prompt.
 */
async function reserve(
  { service, database, ceilings, underWay }: Claude,
  { request, room, key }: WantedCall,
  { agent, model, taskBudgetUsd, onNote, opening: foreign }: TurnPurpose,
  stop: AbortSignal,
): Promise<ReservedCall> {
  const work = { ...serverWorkAtMost(request.tools), isUsOnly: service.traits.isUsOnly };
  const priceOf = (tokens: number) => worstCasePrice(model.price, tokens, work);
  let price = priceOf(promptTokensAtMost(request));
  const opening = openingOf(request, model, foreign);
  let isCounted = false;
  let refusal: OverBudgetError | undefined;
  const limits = { ...ceilings, ...(taskBudgetUsd !== undefined && { taskUsd: taskBudgetUsd }) };
  const ask = async (): Promise<ReservedCall | undefined> => {
    await database.owed.clear(stop); // Nothing new is bought while answers are not recorded.
    const leastUsd = upToUsd(price, room.least);
    const call = { ...key, agent, model: model.id, opening, sharers: underWay.sharers };
    const range = {
      reservedUsd: leastUsd,
      mostUsd: upToUsd(price, room.most),
      knownUsd: costAtStartUsd(price),
    };
    const answer = await reserveCall(database, { ...call, ...range }, limits);
    if ("id" in answer) return { ...answer, price, maxTokens: tokensFor(answer.reservedUsd, price, room) };
    if (!isCounted) {
      isCounted = true;
      const counted = await service.driver.countTokens?.(request, stop, onNote);
      const exact = counted === undefined ? price : priceOf(promptTokensCounted(counted));
      if (upToUsd(exact, room.least) < leastUsd) {
        price = exact;
        return ask();
      }
    }
    const { full } = answer;
    refusal = new OverBudgetError(full, leastUsd);
    if (full.spentUsd + leastUsd > full.limitUsd) throw refusal;
    return undefined;
  };
  const reserved = await underWay.findRoom(ask, stop).catch((error: unknown) => {
    throw stop.aborted ? stoppedError() : error;
  });
  if (reserved) return reserved;
  throw refusal ?? stoppedError();
}

/** The output tokens that a reservation pays for. */
function tokensFor(reservedUsd: number, price: WorstCase, { least, most }: Room): number {
  if (reservedUsd >= upToUsd(price, most)) return most;
  return Math.max(least, Math.floor((reservedUsd - price.promptUsd) / price.tokenUsd));
}

/** How far a cost may be above its reservation: a region may be dearer than was known. */
const MOST_ABOVE_RESERVED = 2;

/** The usage that a server reports; null when the call cannot have cost so much, so that its cost counts as unknown. */
function believable(usage: Usage | null, { model, reservedUsd }: BoundedCall): Usage | null {
  const isBelievable = usage !== null && costUsd(model.price, usage) <= MOST_ABOVE_RESERVED * reservedUsd;
  return isBelievable ? usage : null;
}

/** What the call is recorded with when it opens a conversation. */
function openingOf(request: AskedTurn, model: Model, foreign: Opened | undefined): Opening | undefined {
  if (foreign) return toOpening(foreign.content, foreign.model);
  return request.foreign || request.continued ? undefined : toOpening(request, model);
}

async function callAndSettle(
  { service, database, underWay }: Claude,
  request: TurnRequest,
  { signal, onText, onNote, model, commit = (call) => commitCall(database, call) }: TurnPurpose,
  reserved: ReservedCall,
  lease: SendLease,
  onStart: () => void,
): Promise<PaidTurn> {
  const { id } = reserved;
  const bounded = { ...reserved, model, sentAtMs: performance.now() };
  const record = recordUnderWay(database, bounded);
  try {
    const response = await service.driver.callTurn(request, {
      signal,
      onHeaders: lease.onHeaders,
      onStart: (used) => {
        lease.onStart();
        onStart();
        record.begins(used);
      },
      ...(onText && { onText }),
      ...(onNote && { onNote }),
    });
    lease.done("answered");
    const { requestId } = response;
    const usage = believable(response.usage, bounded);
    if (usage?.isUsOnly) service.traits.isUsOnly = true;
    const cost = usage ? costUsd(model.price, usage) : mostUsdOf(bounded, undefined);
    const call = { id, usage: usage ?? NO_USAGE, costUsd: cost, isCostKnown: usage !== null, requestId };
    await commit({ ...call, response: toJournal(response) }, response);
    return { response, costUsd: cost, callId: id };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    lease.done(error);
    const status = error.mayBeBilled ? "unknown" : "failed";
    const known = mostUsdOf(bounded, error.used);
    // Without the database the row stays reserved, and the next process of the thread settles it as unknown.
    await failCall(database, id, status, error.message, known).catch(() => undefined);
    throw error;
  } finally {
    record.stop();
    lease.done("unsent"); // Does nothing when it was already returned.
    underWay.settle();
  }
}
