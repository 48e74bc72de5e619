import { costUsd, type ModelPrice } from "../domain/price.ts";
import type { Usage } from "../domain/usage.ts";

/** What a server of the Messages API knows about its client: the bills and the usage. */
export interface Account {
  readonly requests: number;
  /** Answers that were sent, completely or in part, and therefore billed. */
  readonly answers: number;
  readonly tokens: Usage;
  readonly costUsd: number;
  readonly running: number;
  readonly peakRunning: number;
  /** Errors and faults by status or kind. */
  readonly faults: Readonly<Record<string, number>>;
}

/** The most bills to keep. The oldest are dropped. */
const MOST_BILLS = 100_000;

const EMPTY: Account = {
  requests: 0,
  answers: 0,
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  costUsd: 0,
  running: 0,
  peakRunning: 0,
  faults: {},
};

/** Keeps the account. */
export class Bookkeeper {
  #account: Account = EMPTY;

  get account(): Account {
    return this.#account;
  }

  begin(): void {
    const running = this.#account.running + 1;
    this.#account = {
      ...this.#account,
      requests: this.#account.requests + 1,
      running,
      peakRunning: Math.max(running, this.#account.peakRunning),
    };
  }

  end(): void {
    this.#account = { ...this.#account, running: this.#account.running - 1 };
  }

  /** The bill of each request since the last reset, by request id. */
  readonly bills = new Map<string, number>();

  bill(requestId: string, price: ModelPrice, usage: Usage): void {
    this.bills.set(requestId, costUsd(price, usage));
    const [oldest] = this.bills.keys();
    if (this.bills.size > MOST_BILLS && oldest !== undefined) this.bills.delete(oldest);
    const { tokens } = this.#account;
    this.#account = {
      ...this.#account,
      answers: this.#account.answers + 1,
      costUsd: this.#account.costUsd + costUsd(price, usage),
      tokens: {
        input: tokens.input + usage.input,
        output: tokens.output + usage.output,
        cacheRead: tokens.cacheRead + usage.cacheRead,
        cacheWrite5m: tokens.cacheWrite5m + usage.cacheWrite5m,
        cacheWrite1h: tokens.cacheWrite1h + usage.cacheWrite1h,
      },
    };
  }

  fault(kind: string): void {
    const { faults } = this.#account;
    this.#account = { ...this.#account, faults: { ...faults, [kind]: (faults[kind] ?? 0) + 1 } };
  }

  /** Forgets everything except running requests. */
  reset(): void {
    this.bills.clear();
    this.#account = { ...EMPTY, running: this.#account.running, peakRunning: this.#account.running };
  }
}
