import type { Model } from "../domain/model.ts";
import { costUsd, upToUsd, type WorstCase } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";
import { recordKnownCost } from "../postgres/claude-calls/unknown-costs.ts";
import type { Database } from "../postgres/database.ts";

/** How long an answer goes on before its cost is recorded: most answers of fast servers are over by then. */
const FIRST_RECORD_MS = 10;
const RECORD_MS = 1000;
/** How long a record holds: until the next one, and as long again for a busy process. */
const RECORD_HOLDS_S = 2;
/** Output tokens that a server may have produced before it sees that nobody reads them. */
const UNREAD_TOKENS = 100;
/** The most that are produced in a second. The fastest models produce about 250. */
const TOKENS_A_SECOND = 400;

/** A call under way, and what bounds its cost. */
export interface BoundedCall {
  readonly id: string;
  readonly model: Model;
  readonly maxTokens: number;
  readonly price: WorstCase;
  readonly reservedUsd: number;
  /** When it was sent, by `performance.now()`. */
  readonly sentAtMs: number;
}

/** What a call can have cost at most that ran for so many seconds, whatever is known of it. */
function costAfterUsd(price: WorstCase, seconds: number): number {
  return upToUsd(price, UNREAD_TOKENS + TOKENS_A_SECOND * seconds);
}

/** What a call can cost at most whose process dies right after it was recorded as sent. */
export function costAtStartUsd(price: WorstCase): number {
  return costAfterUsd(price, RECORD_HOLDS_S);
}

/**
 * The most that a call can have cost by now, or in so many seconds: by the time that it ran, and by what it had used.
 *
 * @param used - what is known of that.
 */
export function mostUsdOf(call: BoundedCall, used: Usage | undefined, moreSeconds = 0): number {
  const { model, maxTokens, price, reservedUsd, sentAtMs } = call;
  const byTime = costAfterUsd(price, (performance.now() - sentAtMs) / 1000 + moreSeconds);
  if (!used) return Math.min(byTime, reservedUsd);
  const more = moreSeconds > 0 ? TOKENS_A_SECOND : 0;
  const output = Math.min(maxTokens, used.output + UNREAD_TOKENS + more);
  return Math.min(byTime, reservedUsd, costUsd(model.price, { ...used, output }));
}

/**
 * Records what a call can have cost, now and then while it is under way, so that a process which is killed leaves more than
 * the worst case behind. Nothing waits for it.
 */
export function recordUnderWay(database: Database, call: BoundedCall) {
  let used: () => Usage | undefined = () => undefined;
  const record = () => {
    const knownUsd = mostUsdOf(call, used(), RECORD_HOLDS_S);
    // Only a process that dies needs it, and a lost database keeps what was recorded before.
    recordKnownCost(database, { id: call.id, knownUsd }).catch(() => undefined);
  };
  const timer = setInterval(record, RECORD_MS);
  let first: NodeJS.Timeout | undefined;
  return {
    /** The answer begins: from now on it is known what it uses. */
    begins: (nowUsed: () => Usage | undefined) => {
      used = nowUsed;
      first = setTimeout(record, FIRST_RECORD_MS);
    },
    stop: () => {
      clearInterval(timer);
      clearTimeout(first);
    },
  };
}
