import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import type { Full } from "../postgres/claude-calls/reserve.ts";
import { CallError } from "./call-error.ts";

/** A call does not fit under a ceiling, even with nothing under way: a human must be asked. Nothing was sent. */
export class OverBudgetError extends Error {
  override readonly name = "OverBudgetError";
  readonly full: Full;
  readonly neededUsd: number;

  constructor(full: Full, neededUsd: number) {
    const left = Math.max(0, full.limitUsd - full.spentUsd);
    super(
      `The next call may cost up to $${dollars(neededUsd)}, but ${WHOSE[full.ceiling]} of $${dollars(full.limitUsd)} has $${dollars(left)} left.`,
    );
    this.full = full;
    this.neededUsd = neededUsd;
  }
}

/** What a human must see to before a call can be sent, if that is why there is no answer. */
export function budgetGapOf(error: unknown): BudgetGap | undefined {
  if (error instanceof OverBudgetError) {
    const { full, neededUsd, message } = error;
    const { ceiling, spentUsd, limitUsd } = full;
    return { kind: "budget", ceiling, sentence: message, neededUsd, spentUsd, limitUsd };
  }
  if (!(error instanceof CallError) || error.kind !== "halted") return undefined;
  return {
    kind: "budget",
    ceiling: "account",
    sentence: error.message,
    neededUsd: 0,
    spentUsd: 0,
    limitUsd: 0,
  };
}

const WHOSE = {
  thread: "the budget",
  task: "the task's own budget",
  day: "today's ceiling over all threads",
} as const;

/** Small amounts keep enough places to be told apart. */
function dollars(usd: number): string {
  return usd.toFixed(usd >= 0.1 || usd === 0 ? 2 : 4);
}
