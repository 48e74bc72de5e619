import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../core/json.ts";
import type { Model } from "../core/models.ts";
import { costUsd, worstCaseUsd } from "../core/prices.ts";
import type { Phase } from "../core/progress.ts";
import type { Database } from "../postgres/database.ts";
import { commitCall, failCall, reserveCall } from "../postgres/ledger.ts";
import { CallError } from "./call-error.ts";
import type { Driver, TurnRequest, TurnResponse } from "./driver.ts";
import { runAsAgent } from "./single-level.ts";

/** What a call to Claude needs besides the request: who answers, where the ledger is, what is allowed. */
export interface Claude {
  readonly driver: Driver;
  readonly database: Database;
  /** Output tokens of one call at most, thinking included. */
  readonly maxTokens: number;
  /** The agent that started this process, if one did: then no agent may be started. */
  readonly insideAgent: string | undefined;
}

/** On whose behalf a turn is bought. */
export interface TurnPurpose {
  readonly threadId: string;
  readonly phase: Phase;
  /** The task's id in the agents phase; the phase's own name elsewhere. */
  readonly taskId: string;
  readonly agent: string;
  readonly model: Model;
  readonly attempt: number;
  readonly turn: number;
  readonly signal: AbortSignal;
  readonly onText?: (text: string) => void;
  /** Told of each try that has to wait, in one sentence. */
  readonly onNote?: (note: string) => void;
}

/** A turn that was paid for and is in the ledger. */
export interface PaidTurn {
  readonly response: TurnResponse;
  readonly costUsd: number;
}

/** A turn as an agent asks for it: the model and the output bound come from the purpose and the settings. */
export type TurnContent = Pick<TurnRequest, "system" | "prompt" | "jsonSchema">;

/** How often a turn is sent at most when there is trouble on the way, and how long the first wait is. */
const MAX_SENDS = 6;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/**
 * Buys one turn: reserved in the ledger before it is sent, committed there with its response before anything
 * else happens. Trouble on the way (429, 5xx, 529, a lost or stalled stream) is waited out and sent again.
 *
 * @throws CallError when there is no answer in the end; its message is fit for people.
 * @throws NestedSpawnError when an agent is at work here already.
 */
export async function buyTurn(claude: Claude, content: TurnContent, purpose: TurnPurpose): Promise<PaidTurn> {
  const { model } = purpose;
  const maxTokens = Math.min(claude.maxTokens, model.price.maxOutput);
  const request: TurnRequest = { model: model.id, maxTokens, ...content };
  for (let send = 1; ; send++) {
    const bought = await sendOnce(claude, request, purpose);
    if (!(bought instanceof CallError)) return bought;
    if (bought.kind !== "later" || send === MAX_SENDS) throw bought;
    const waitMs = waitBefore(send, bought.retryAfterMs);
    purpose.onNote?.(`${bought.message} Trying again in ${Math.ceil(waitMs / 1000)} s.`);
    await sleep(waitMs, undefined, { signal: purpose.signal }).catch(() => {
      throw new CallError("The call was stopped.", { kind: "aborted" });
    });
  }
}

async function sendOnce(
  claude: Claude,
  request: TurnRequest,
  purpose: TurnPurpose,
): Promise<PaidTurn | CallError> {
  const { signal, onText, threadId, phase, taskId, agent, attempt, turn, model } = purpose;
  return runAsAgent(agent, claude.insideAgent, async () => {
    const callId = await reserveCall(claude.database, {
      ...{ threadId, phase, taskId, agent, attempt, turn },
      requestHash: hashOf(request),
      model: model.id,
      reservedUsd: worstCaseUsd(model.price, promptTokensAtMost(request), request.maxTokens),
    });
    try {
      const response = await claude.driver.callTurn(request, { signal, ...(onText && { onText }) });
      const cost = costUsd(model.price, response.usage);
      await commitCall(claude.database, callId, {
        usage: response.usage,
        costUsd: cost,
        response: journalOf(response),
        requestId: response.requestId,
      });
      return { response, costUsd: cost };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      await failCall(claude.database, callId, error.mayBeBilled ? "unknown" : "failed", error.message);
      return error;
    }
  });
}

/** What is needed to replay the response without a call. */
function journalOf(response: TurnResponse): Json {
  const { id, model, content, stopReason } = response;
  return { id, model, content: toJson(content), stopReason };
}

function toJson(content: readonly unknown[]): Json {
  return JSON.parse(JSON.stringify(content));
}

function hashOf(request: TurnRequest): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("hex");
}

/** A bound from above: a token is at least one byte, and the request's frame is small. */
function promptTokensAtMost({ system, prompt, jsonSchema }: TurnRequest): number {
  const schema = jsonSchema ? JSON.stringify(jsonSchema) : "";
  return Buffer.byteLength(system) + Buffer.byteLength(prompt) + Buffer.byteLength(schema) + 500;
}

function waitBefore(send: number, retryAfterMs: number | undefined): number {
  const backoffMs = FIRST_WAIT_MS * 2 ** (send - 1) * (0.75 + Math.random() / 2);
  return Math.min(Math.max(backoffMs, retryAfterMs ?? 0), LONGEST_WAIT_MS);
}
