import { createHash } from "node:crypto";
import { ChangeSignal } from "../domain/change-signal.ts";
import { stoppedError } from "./call-error.ts";
import type { TurnRequest } from "./transport.ts";

/** How long a prefix stays in the API's cache after its last use, with a margin: five minutes less a half. */
const WARM_MS = 4.5 * 60_000;

/** Prompts shorter than this are not cached: tokens, by model. Source: Anthropic's documentation of prompt caching. */
const LEAST_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/haiku-4/, 4096],
  [/sonnet-5$/, 1024],
  [/-5/, 512],
];
const LEAST_TOKENS_ELSEWHERE = 1024;
/** English prose has four to five bytes a token: with five, nobody waits for an entry that is never written. */
const BYTES_PER_TOKEN = 5;

/** What requests must have in common to share a cache entry. */
export type Prefix = Pick<TurnRequest, "model" | "tools" | "system">;

/** Whether the API would cache this prefix at all. */
export function isCacheable({ model, ...prefix }: Prefix): boolean {
  const least = LEAST_TOKENS.find(([pattern]) => pattern.test(model))?.[1] ?? LEAST_TOKENS_ELSEWHERE;
  return Buffer.byteLength(textOf(prefix)) / BYTES_PER_TOKEN >= least;
}

export function prefixKey({ model, ...prefix }: Prefix): string {
  return createHash("sha256")
    .update(`${model}\0${textOf(prefix)}`)
    .digest("hex");
}

function textOf({ tools, system }: Omit<Prefix, "model">): string {
  return `${tools?.length ? JSON.stringify(tools) : ""}${system}`;
}

/** A call on its way through the gate. One of the two must be called, and `ended` in any case. */
export interface PrefixLease {
  /** The answer has begun: the prefix is in the cache from now on. */
  started(): void;
  ended(): void;
}

/**
 * Lets one of the calls that share a prefix go first: an entry can be read only after its writer's first event, so ten
 * at once would pay for writing it ten times. The others follow at that event. When the first one fails before, the
 * next takes its place.
 */
export class CacheGate {
  readonly #warmUntilMs = new Map<string, number>();
  readonly #leaders = new Map<string, ChangeSignal>();

  /** @throws CallError of kind `aborted` when the signal ends the waiting. */
  async pass(key: string, signal: AbortSignal): Promise<PrefixLease> {
    for (let leader = this.#leaderOf(key); leader; leader = this.#leaderOf(key)) {
      await leader.after(leader.version, signal).catch(() => {
        throw stoppedError();
      });
    }
    const isWarm = this.#isWarm(key);
    const lead = new ChangeSignal();
    if (!isWarm) this.#leaders.set(key, lead);
    const letOthersPass = () => {
      if (this.#leaders.get(key) === lead) this.#leaders.delete(key);
      lead.announce();
    };
    return {
      started: () => {
        this.#warmUntilMs.set(key, Date.now() + WARM_MS);
        letOthersPass();
      },
      ended: letOthersPass,
    };
  }

  /** Whom a call with this prefix must wait for now. */
  #leaderOf(key: string): ChangeSignal | undefined {
    return this.#isWarm(key) ? undefined : this.#leaders.get(key);
  }

  #isWarm(key: string): boolean {
    const untilMs = this.#warmUntilMs.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > Date.now()) return true;
    this.#warmUntilMs.delete(key);
    return false;
  }
}
