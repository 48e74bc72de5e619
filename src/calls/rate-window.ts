/** The units of a server's rate limits, by the names in its headers. */
const KINDS = ["requests", "input-tokens", "output-tokens"] as const;
type Kind = (typeof KINDS)[number];

interface Bucket {
  readonly perMinute: number;
  left: number;
  atMs: number;
}

/** What a call needs: one request, its input tokens, and at least one output token. */
export interface Need {
  readonly inputTokens: number;
}

/**
 * The rate limits of one class of models, from the server's headers: buckets that refill evenly over a minute. Without
 * headers there are no limits, and no call waits.
 */
export class RateWindow {
  readonly #buckets = new Map<Kind, Bucket>();

  /** The wait until a call has everything that it needs; 0 when it may go now. */
  waitMs({ inputTokens }: Need, nowMs: number): number {
    const needs: Record<Kind, number> = { requests: 1, "input-tokens": inputTokens, "output-tokens": 1 };
    const waits = [...this.#buckets].map(([kind, bucket]) => {
      const missing = Math.min(needs[kind], bucket.perMinute) - leftNow(bucket, nowMs);
      return missing <= 0 ? 0 : Math.ceil((missing / bucket.perMinute) * 60_000);
    });
    return Math.max(0, ...waits);
  }

  /** Takes what a call needs. */
  take({ inputTokens }: Need, nowMs: number): void {
    this.#spend("requests", 1, nowMs);
    this.#spend("input-tokens", inputTokens, nowMs);
  }

  /**
   * Reads `anthropic-ratelimit-…-limit` and `-remaining` from an answer.
   *
   * @param sent - calls that are sent already but not in these headers yet.
   */
  learn(headers: Headers, sent: readonly Need[], nowMs: number): void {
    for (const kind of KINDS) {
      const perMinute = numberIn(headers, `anthropic-ratelimit-${kind}-limit`);
      const remaining = numberIn(headers, `anthropic-ratelimit-${kind}-remaining`);
      if (!perMinute || perMinute < 0 || remaining === undefined) continue;
      const onTheWay = { requests: sent.length, "input-tokens": inputOf(sent), "output-tokens": 0 }[kind];
      const left = boundedLeft(remaining - onTheWay, perMinute);
      this.#buckets.set(kind, { perMinute, left, atMs: nowMs });
    }
  }

  #spend(kind: Kind, amount: number, nowMs: number): void {
    const bucket = this.#buckets.get(kind);
    if (!bucket) return;
    bucket.left = boundedLeft(leftNow(bucket, nowMs) - amount, bucket.perMinute);
    bucket.atMs = nowMs;
  }
}

function leftNow({ perMinute, left, atMs }: Bucket, nowMs: number): number {
  return Math.min(perMinute, left + ((nowMs - atMs) / 60_000) * perMinute);
}

/** Whatever the headers say, a call waits for two minutes at most: then the server itself refuses it, or not. */
function boundedLeft(left: number, perMinute: number): number {
  return Math.max(left, -perMinute);
}

function inputOf(needs: readonly Need[]): number {
  return needs.reduce((sum, need) => sum + need.inputTokens, 0);
}

function numberIn(headers: Headers, name: string): number | undefined {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
