import { createHash } from "node:crypto";
import { ChangeSignal } from "../domain/change-signal.ts";
import { stoppedError } from "./call-error.ts";
import type { TurnRequest } from "./transport.ts";

/** How long a prefix stays in the API's cache after its last use: five minutes, less half a minute as a margin. */
const WARM_MS = 4.5 * 60_000;

/** The shortest cached prompt in tokens, by model. Source: Anthropic's documentation of prompt caching. */
const LEAST_TOKENS: readonly (readonly [RegExp, number])[] = [
  [/haiku-4/, 4096],
  [/sonnet-5$/, 1024],
  [/-5/, 512],
];
const LEAST_TOKENS_ELSEWHERE = 1024;
/** English prose has four to five bytes a token. With five, no call waits for an entry that is never written. */
const BYTES_PER_TOKEN = 5;

/** The parts that requests with one cache entry share. */
export type Prefix = Pick<TurnRequest, "model" | "tools" | "system">;

/** Whether the API caches this prefix. */
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

/** A call that passed the gate. Call `ended` in any case, and the other function when the answer starts. */
export interface PrefixLease {
  /** The answer has started: the prefix is in the cache from now on. */
  started(): void;
  ended(): void;
}

/**
 * Sends one of the calls with a common prefix first. A cache entry is readable only after its writer's first event, so ten
 * parallel calls would pay for ten writes. The others follow at that event. When the first call fails before it, the
 * next one takes its place.
 */
export class CacheGate {
  readonly #warmUntilMs = new Map<string, number>();
  readonly #leaders = new Map<string, ChangeSignal>();

  /** @throws CallError of kind `aborted` when the signal aborts the wait. */
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
        this.#warmUntilMs.set(key, performance.now() + WARM_MS);
        letOthersPass();
      },
      ended: letOthersPass,
    };
  }

  /** The call that a call with this prefix must wait for now. */
  #leaderOf(key: string): ChangeSignal | undefined {
    return this.#isWarm(key) ? undefined : this.#leaders.get(key);
  }

  #isWarm(key: string): boolean {
    const untilMs = this.#warmUntilMs.get(key);
    if (untilMs === undefined) return false;
    if (untilMs > performance.now()) return true;
    this.#warmUntilMs.delete(key);
    return false;
  }
}
