import type { Model } from "../domain/model.ts";
import { costUsd } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";
import { recordKnownCost } from "../postgres/claude-calls/unknown-costs.ts";
import type { Database } from "../postgres/database.ts";

/** How long an answer goes on before its cost is recorded: most answers of fast servers are over by then. */
const FIRST_RECORD_MS = 10;
const RECORD_MS = 1000;
/** Output tokens that a server may have produced before it sees that nobody reads them. */
const UNREAD_TOKENS = 100;
/** The most that are produced until the next record. The fastest models produce about 250 tokens in a second. */
const TOKENS_A_RECORD = 400;

/** A call under way, and what bounds its cost. */
export interface BoundedCall {
  readonly id: string;
  readonly model: Model;
  readonly maxTokens: number;
}

/** The most that a call can have cost which had used this when it ended. */
export function usedUsd({ model, maxTokens }: Omit<BoundedCall, "id">, used: Usage, more = 0): number {
  const output = Math.min(maxTokens, used.output + UNREAD_TOKENS + more);
  return costUsd(model.price, { ...used, output });
}

/**
 * Records what a call can have cost, now and then while its answer arrives, so that a process which is killed leaves more
 * than the worst case behind. Nothing waits for it.
 *
 * @returns a function that ends it.
 */
export function recordWhileAnswering(
  database: Database,
  call: BoundedCall,
  used: () => Usage | undefined,
): () => void {
  const record = () => {
    const now = used();
    if (!now) return;
    const knownUsd = usedUsd(call, now, TOKENS_A_RECORD);
    // Only a process that dies needs it, and a lost database keeps the worst case.
    recordKnownCost(database, { id: call.id, knownUsd }).catch(() => undefined);
  };
  let timer = setTimeout(() => {
    record();
    timer = setInterval(record, RECORD_MS);
  }, FIRST_RECORD_MS);
  return () => clearTimeout(timer);
}
