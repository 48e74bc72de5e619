import { createHash } from "node:crypto";
import { cacheableParts, type MessagesRequest, promptTokens } from "./request.ts";

/** Tokens of a prompt, as the API reports them. `input` excludes tokens read from or written to the cache. */
export interface PromptUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

interface Entry {
  expiresAtMs: number;
  readonly ttlMs: number;
}

const TTL_MS = { "5m": 5 * 60_000, "1h": 60 * 60_000 } as const;

/** The shortest prefix that is cached, in tokens. */
function leastTokens(model: string): number {
  if (/^claude-haiku-4-5/.test(model)) return 4096;
  if (/^claude-sonnet-5(-\d{8})?$/.test(model)) return 1024;
  return /^claude-[a-z]+-5/.test(model) ? 512 : 1024;
}

/**
 * The API's prompt cache: prefixes up to each breakpoint, by model, in the order tools, system, messages. A prefix is
 * readable only after the first event of the request that writes it, so ten parallel requests write it ten times.
 */
export class PromptCache {
  readonly #entries = new Map<string, Entry>();

  /** The cost of the prompt now, and a function to call at the answer's first event. */
  look(request: MessagesRequest, nowMs: number): { usage: PromptUsage; onFirstEvent(nowMs: number): void } {
    const prefixes = prefixesOf(request).filter((prefix) => prefix.tokens >= leastTokens(request.model));
    const hit = prefixes.findLast((prefix) => (this.#entries.get(prefix.key)?.expiresAtMs ?? 0) > nowMs);
    const entry = hit && this.#entries.get(hit.key);
    if (entry) entry.expiresAtMs = nowMs + entry.ttlMs;
    const written = { "5m": 0, "1h": 0 };
    let covered = hit?.tokens ?? 0;
    const missed = prefixes.filter((prefix) => prefix.tokens > covered);
    for (const { tokens, ttl } of missed) {
      written[ttl] += tokens - covered;
      covered = tokens;
    }
    return {
      usage: {
        input: promptTokens(request) - covered,
        cacheRead: hit?.tokens ?? 0,
        cacheWrite5m: written["5m"],
        cacheWrite1h: written["1h"],
      },
      onFirstEvent: (startedAtMs) => {
        for (const { key, ttl } of missed) {
          this.#entries.set(key, { expiresAtMs: startedAtMs + TTL_MS[ttl], ttlMs: TTL_MS[ttl] });
        }
      },
    };
  }

  clear(): void {
    this.#entries.clear();
  }
}

function prefixesOf(request: MessagesRequest) {
  const hash = createHash("sha256").update(request.model);
  let tokens = 0;
  return cacheableParts(request).flatMap((part) => {
    hash.update(part.text);
    tokens += part.tokens;
    return part.ttl ? [{ key: hash.copy().digest("base64"), tokens, ttl: part.ttl }] : [];
  });
}
