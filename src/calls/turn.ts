import { setTimeout as sleep } from "node:timers/promises";
import { storable } from "../domain/json.ts";
import { renderDuration } from "../format/amounts.ts";
import { type CallKey, replayCall } from "../postgres/claude-calls/ledger.ts";
import { isCacheable } from "./cache-gate.ts";
import { CallError, stoppedError } from "./call-error.ts";
import { fromJournal, hashOf } from "./journal.ts";
import type { Claude, PaidTurn, TurnPurpose } from "./purpose.ts";
import { sendAndSettle } from "./send-and-settle.ts";
import { runAsAgent } from "./single-level.ts";
import { stopSignal } from "./stop-signal.ts";
import type { AskedTurn, TurnRequest } from "./transport.ts";

/** An agent's turn. The model comes from its purpose; its room from the model, the settings and the budget. */
export type TurnContent = Pick<
  TurnRequest,
  "tools" | "system" | "prompt" | "continued" | "jsonSchema" | "goesOn" | "foreign"
>;

/** A call's own waits between its tries. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Gets one turn: from the record if it was paid before, otherwise by a call. A call is reserved in the ledger before
 * it is sent, and committed there with its response before anything except its judgement happens. After a temporary
 * failure (429, 5xx, 529, a lost or stalled stream) it waits and tries again, for as long as an outage is waited out.
 *
 * @throws CallError when that was too long: of kind `outage` when no other call was answered either. Its message is fit for
 *   people.
 * @throws OverBudgetError when a ceiling is too low for it. Nothing was sent then.
 * @throws NestedSpawnError when an agent already works here.
 */
export async function buyTurn(claude: Claude, content: TurnContent, purpose: TurnPurpose): Promise<PaidTurn> {
  const { agent, model, mayReplay = true } = purpose;
  // What is sent, hashed and stored is the same text.
  const request: AskedTurn = storable({
    model: model.id,
    ...content,
    ...(isCacheable({ model: model.id, ...content }) && { cacheSystem: true }),
  });
  return runAsAgent(agent, claude.insideAgent, async () => {
    const { threadId, phase, executionId, taskId, attempt, turn } = purpose;
    const key: CallKey = {
      threadId,
      phase,
      executionId,
      taskId,
      attempt,
      turn,
      requestHash: hashOf(request),
    };
    const known = mayReplay ? await replayCall(claude.database, key, !content.foreign) : undefined;
    if (known) return { response: fromJournal(known), costUsd: 0, callId: known.id };
    return sendUntilAnswered(claude, request, key, purpose);
  });
}

async function sendUntilAnswered(
  claude: Claude,
  request: AskedTurn,
  key: CallKey,
  purpose: TurnPurpose,
): Promise<PaidTurn> {
  const { governor, outageMs } = claude.service;
  let failingSinceMs: number | undefined;
  for (let send = 1; ; send++) {
    try {
      return await sendAndSettle(claude, request, key, purpose);
    } catch (error) {
      if (!(error instanceof CallError) || error.kind !== "later") throw error;
      failingSinceMs ??= performance.now();
      if ((error.retryAfterMs ?? 0) > outageMs) throw governor.stopFor(error);
      if (performance.now() - failingSinceMs >= outageMs) throw governor.giveUp(error, failingSinceMs);
      await waitAfter(error, send, claude, purpose);
    }
  }
}

/**
 * Waits before a retry. The governor keeps the pauses that the server asks for, and those of an outage, of which people read
 * once.
 */
async function waitAfter(
  error: CallError,
  send: number,
  claude: Claude,
  { signal, onNote }: TurnPurpose,
): Promise<void> {
  const { governor, outageMs } = claude.service;
  const outage = governor.outageOf(error);
  const isPaced = error.retryAfterMs !== undefined || outage !== undefined;
  const backoffMs = isPaced
    ? 0
    : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (send - 1)) * (0.75 + Math.random() / 2);
  const waitMs = Math.max(backoffMs, governor.pauseLeftMs);
  const news = `${error.message} Trying again in ${Math.ceil(Math.max(waitMs, 1) / 1000)} s.`;
  const patience = ` Until an answer begins one call at a time tries, for up to ${renderDuration(outageMs)}.`;
  if (outage !== "known") onNote?.(`${news}${outage ? patience : ""}`);
  await sleep(backoffMs, undefined, { signal: stopSignal(signal, claude.draining) }).catch(() => {
    throw stoppedError();
  });
}
