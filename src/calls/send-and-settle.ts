import { costUsd, worstCaseUsd } from "../domain/price.ts";
import { type CallKey, commitCall, failCall } from "../postgres/claude-calls/ledger.ts";
import { reserveCall } from "../postgres/claude-calls/reserve.ts";
import { prefixKey } from "./cache-gate.ts";
import { CallError, stoppedError } from "./call-error.ts";
import type { SendLease } from "./governor.ts";
import { toJournal } from "./journal.ts";
import { OverBudgetError } from "./over-budget.ts";
import { promptTokensAbout, promptTokensAtMost, promptTokensCounted } from "./prompt-size.ts";
import type { Claude, PaidTurn, TurnPurpose } from "./purpose.ts";
import { serverWorkAtMost } from "./server-tools.ts";
import { stopSignal } from "./stop-signal.ts";
import type { TurnRequest } from "./transport.ts";

/**
 * Sends a request once and settles it. Waits first for a call with the same prefix, then for the governor, and then
 * reserves its worst case.
 *
 * @throws CallError when there is no answer; OverBudgetError when the budget has no room for it.
 */
export async function sendAndSettle(
  claude: Claude,
  request: TurnRequest,
  key: CallKey,
  purpose: TurnPurpose,
): Promise<PaidTurn> {
  const { service, draining } = claude;
  const { signal } = purpose;
  const stop = stopSignal(signal, draining);
  if (stop.aborted) throw stoppedError();
  const prefixLease = request.cacheSystem
    ? await service.cacheGate.pass(prefixKey(request), stop)
    : undefined;
  try {
    const need = { inputTokens: promptTokensAbout(request) };
    const lease = await service.governor.admit(request.model, need, stop);
    const id = await reserve(claude, request, key, purpose, stop).catch((error: unknown) => {
      lease.done("unsent");
      throw error;
    });
    return await callAndSettle(claude, request, purpose, id, lease, () => prefixLease?.started());
  } finally {
    prefixLease?.ended();
  }
}

/** Reserves the call's worst case. When the bound does not fit, the server's own count of the prompt may fit. */
async function reserve(
  { service, database, ceilings, underWay }: Claude,
  request: TurnRequest,
  key: CallKey,
  { agent, model, executionId, taskBudgetUsd }: TurnPurpose,
  stop: AbortSignal,
): Promise<string> {
  const work = serverWorkAtMost(request.tools);
  const priceOf = (tokens: number) => worstCaseUsd(model.price, tokens, request.maxTokens, work);
  let reservedUsd = priceOf(promptTokensAtMost(request));
  let isCounted = false;
  let refusal: OverBudgetError | undefined;
  const limits = { ...ceilings, ...(taskBudgetUsd !== undefined && { taskUsd: taskBudgetUsd }) };
  const askOnce = async (): Promise<string | undefined> => {
    await database.owed.clear(stop); // Nothing new is bought while answers are not recorded.
    const call = { ...key, executionId, agent, model: model.id, reservedUsd };
    const answer = await reserveCall(database, call, limits);
    if ("id" in answer) return answer.id;
    if (!isCounted) {
      isCounted = true;
      const counted = await service.driver.countTokens?.(request, stop);
      const price = counted === undefined ? reservedUsd : priceOf(promptTokensCounted(counted));
      if (price < reservedUsd) {
        reservedUsd = price;
        return askOnce();
      }
    }
    const { full } = answer;
    refusal = new OverBudgetError(full, reservedUsd);
    if (full.spentUsd + reservedUsd > full.limitUsd) throw refusal;
    return undefined;
  };
  const id = await underWay.findRoom(askOnce, stop).catch((error: unknown) => {
    throw stop.aborted ? stoppedError() : error;
  });
  if (id !== undefined) return id;
  throw refusal ?? stoppedError();
}

async function callAndSettle(
  { service, database, underWay }: Claude,
  request: TurnRequest,
  { signal, onText, model, commit = (call) => commitCall(database, call) }: TurnPurpose,
  id: string,
  lease: SendLease,
  onStart: () => void,
): Promise<PaidTurn> {
  try {
    const response = await service.driver.callTurn(request, {
      signal,
      onHeaders: lease.onHeaders,
      onStart,
      ...(onText && { onText }),
    });
    lease.done("answered");
    const cost = costUsd(model.price, response.usage);
    const call = { id, usage: response.usage, costUsd: cost, requestId: response.requestId };
    await commit({ ...call, response: toJournal(response) }, response);
    return { response, costUsd: cost };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    lease.done(error);
    const status = error.mayBeBilled ? "unknown" : "failed";
    // Without the database the row stays reserved, and the next process of the thread settles it as unknown.
    await failCall(database, id, status, error.message).catch(() => undefined);
    throw error;
  } finally {
    lease.done("unsent"); // Does nothing when it was already returned.
    underWay.settle();
  }
}
