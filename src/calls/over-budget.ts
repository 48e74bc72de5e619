import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import type { Full } from "../postgres/claude-calls/ceilings.ts";
import { CallError } from "./call-error.ts";

/** A ceiling is too low for a call, even without other calls: a human must decide. Nothing was sent. */
export class OverBudgetError extends Error {
  override readonly name = "OverBudgetError";
  readonly full: Full;
  readonly neededUsd: number;

  constructor(full: Full, neededUsd: number) {
    const left = Math.max(0, full.limitUsd - full.spentUsd);
    super(
      `${CEILINGS[full.ceiling]} of $${dollars(full.limitUsd)} is too small for the next call: it may cost up to $${dollars(neededUsd)}, and $${dollars(left)} is left.`,
    );
    this.full = full;
    this.neededUsd = neededUsd;
  }
}

/** What a human must decide before the next call, if that is why there is no answer. */
export function budgetGapOf(error: unknown): BudgetGap | undefined {
  if (error instanceof OverBudgetError) {
    const { full, neededUsd, message } = error;
    const { ceiling, spentUsd, limitUsd } = full;
    return { kind: "budget", ceiling, sentence: message, neededUsd, spentUsd, limitUsd };
  }
  if (!(error instanceof CallError)) return undefined;
  const { kind } = error;
  if (kind !== "halted" && kind !== "outage") return undefined;
  return {
    kind: "budget",
    ceiling: kind === "outage" ? "outage" : "account",
    sentence: error.message,
    neededUsd: 0,
    spentUsd: 0,
    limitUsd: 0,
  };
}

const CEILINGS = {
  thread: "The budget",
  task: "The task's own budget",
  day: "Today's ceiling for all threads",
} as const;

/** Small amounts have enough decimals to differ. */
function dollars(usd: number): string {
  return usd.toFixed(usd >= 0.1 || usd === 0 ? 2 : 4);
}
