import { setTimeout as sleep } from "node:timers/promises";
import { type CallKey, replayCall } from "../postgres/claude-calls/ledger.ts";
import { isCacheable } from "./cache-gate.ts";
import { CallError, stoppedError } from "./call-error.ts";
import { fromJournal, hashOf } from "./journal.ts";
import type { Claude, PaidTurn, TurnPurpose } from "./purpose.ts";
import { sendAndSettle } from "./send-and-settle.ts";
import { runAsAgent } from "./single-level.ts";
import { stopSignal } from "./stop-signal.ts";
import type { TurnRequest } from "./transport.ts";

/** A turn as an agent asks for it: the model and the output bound come from the purpose and the settings. */
export type TurnContent = Pick<
  TurnRequest,
  "tools" | "system" | "prompt" | "continued" | "jsonSchema" | "foreign"
>;

/** How often a turn is sent at most when there is trouble on the way, and how long the first wait is. */
const MAX_SENDS = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Has one turn: from the journal for nothing if it was paid for before, else bought. Bought means reserved in the ledger
 * before it is sent and committed there with its response before anything but judging it happens. Trouble on the way (429,
 * 5xx, 529, a lost or stalled stream) is waited out and sent again.
 *
 * @throws CallError when there is no answer in the end; its message is fit for people.
 * @throws OverBudgetError when it does not fit under a ceiling. Nothing was sent then.
 * @throws NestedSpawnError when an agent is at work here already.
 */
export async function buyTurn(claude: Claude, content: TurnContent, purpose: TurnPurpose): Promise<PaidTurn> {
  const { agent, model, mayReplay = true } = purpose;
  const request: TurnRequest = {
    model: model.id,
    maxTokens: Math.min(claude.maxTokens, model.price.maxOutput),
    ...content,
    ...(isCacheable({ model: model.id, ...content }) && { cacheSystem: true }),
  };
  return runAsAgent(agent, claude.insideAgent, async () => {
    const { threadId, phase, taskId, attempt, turn } = purpose;
    const key: CallKey = { threadId, phase, taskId, attempt, turn, requestHash: hashOf(request) };
    const known = mayReplay ? await replayCall(claude.database, key) : undefined;
    if (known) return { response: fromJournal(known), costUsd: 0 };
    return sendUntilAnswered(claude, request, key, purpose);
  });
}

async function sendUntilAnswered(
  claude: Claude,
  request: TurnRequest,
  key: CallKey,
  purpose: TurnPurpose,
): Promise<PaidTurn> {
  for (let send = 1; ; send++) {
    try {
      return await sendAndSettle(claude, request, key, purpose);
    } catch (error) {
      if (!(error instanceof CallError) || error.kind !== "later" || send === MAX_SENDS) throw error;
      await waitAfter(error, send, claude, purpose);
    }
  }
}

/** Waits until a call that ran into trouble may be sent again; a pause that the server asked for is the governor's. */
async function waitAfter(
  error: CallError,
  send: number,
  claude: Claude,
  { signal, onNote }: TurnPurpose,
): Promise<void> {
  const isPaced = error.retryAfterMs !== undefined || error.status === 429;
  const backoffMs = isPaced
    ? 0
    : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (send - 1)) * (0.75 + Math.random() / 2);
  const waitMs = Math.max(backoffMs, claude.service.governor.pausedUntilMs - Date.now());
  onNote?.(`${error.message} Trying again in ${Math.ceil(Math.max(waitMs, 1) / 1000)} s.`);
  await sleep(backoffMs, undefined, { signal: stopSignal(signal, claude.draining) }).catch(() => {
    throw stoppedError();
  });
}
