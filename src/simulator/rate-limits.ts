import { ApiError } from "./api-error.ts";

/** Limits per minute for each class of models. A missing one is no limit. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  /** Uncached input tokens: the API counts no others. */
  readonly inputTokensPerMinute?: number;
  readonly outputTokensPerMinute?: number;
}

type Kind = "requests" | "input-tokens" | "output-tokens";

interface Bucket {
  left: number;
  atMs: number;
}

/** Token buckets that refill continuously, as in the API: one of each kind for each class of models. */
export class RateLimiter {
  readonly #perMinute: Readonly<Record<Kind, number | undefined>>;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: RateLimits) {
    this.#perMinute = {
      requests: limits.requestsPerMinute,
      "input-tokens": limits.inputTokensPerMinute,
      "output-tokens": limits.outputTokensPerMinute,
    };
  }

  /**
   * Takes one request with its input tokens.
   *
   * @returns the headers with the remaining amounts.
   * @throws ApiError 429 with retry-after when a bucket is empty.
   */
  take(model: string, inputTokens: number, nowMs: number): Record<string, string> {
    const headers = this.#headers(model, nowMs);
    for (const kind of KINDS) {
      const perMinute = this.#perMinute[kind];
      const need = kind === "requests" ? 1 : kind === "input-tokens" ? inputTokens : 1;
      const left = this.#left(kind, model, nowMs);
      if (perMinute === undefined || left >= Math.min(need, perMinute)) continue;
      const seconds = Math.max(1, Math.ceil(((Math.min(need, perMinute) - left) / perMinute) * 60));
      throw new ApiError(
        429,
        `This request would exceed your organization's rate limit of ${perMinute} ${kind} per minute`,
        {
          ...headers,
          "retry-after": String(seconds),
        },
      );
    }
    this.#spend("requests", model, 1, nowMs);
    this.#spend("input-tokens", model, inputTokens, nowMs);
    return this.#headers(model, nowMs);
  }

  takeOutput(model: string, tokens: number, nowMs: number): void {
    this.#spend("output-tokens", model, tokens, nowMs);
  }

  clear(): void {
    this.#buckets.clear();
  }

  #left(kind: Kind, model: string, nowMs: number): number {
    const perMinute = this.#perMinute[kind] ?? 0;
    const bucket = this.#buckets.get(`${kind} ${classOf(model)}`);
    if (!bucket) return perMinute;
    return Math.min(perMinute, bucket.left + ((nowMs - bucket.atMs) / 60_000) * perMinute);
  }

  #spend(kind: Kind, model: string, amount: number, nowMs: number): void {
    if (this.#perMinute[kind] === undefined) return;
    this.#buckets.set(`${kind} ${classOf(model)}`, {
      left: this.#left(kind, model, nowMs) - amount,
      atMs: nowMs,
    });
  }

  #headers(model: string, nowMs: number): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const kind of KINDS) {
      const perMinute = this.#perMinute[kind];
      if (perMinute === undefined) continue;
      const left = Math.max(0, Math.floor(this.#left(kind, model, nowMs)));
      const fullAtMs = nowMs + ((perMinute - left) / perMinute) * 60_000;
      headers[`anthropic-ratelimit-${kind}-limit`] = String(perMinute);
      headers[`anthropic-ratelimit-${kind}-remaining`] = String(left);
      headers[`anthropic-ratelimit-${kind}-reset`] = new Date(fullAtMs).toISOString();
    }
    return headers;
  }
}

const KINDS: readonly Kind[] = ["requests", "input-tokens", "output-tokens"];

/** A class of models shares its limits: all Sonnets, all Opuses. */
function classOf(model: string): string {
  return /haiku|sonnet|opus|fable/.exec(model)?.[0] ?? model;
}
