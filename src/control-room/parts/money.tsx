import { renderBudget, renderUsd } from "../../format/amounts.ts";

/** The cost and the budget, with a bar that warns from 80 % on. */
export function Money({ costUsd, budgetUsd }: { costUsd: number; budgetUsd: number }) {
  const share = budgetUsd > 0 ? Math.min(1, costUsd / budgetUsd) : 0;
  return (
    <span className="money">
      <span className="number">
        {renderUsd(costUsd)} <span className="muted">of {renderBudget(budgetUsd)}</span>
      </span>
      <Bar share={share} tone={share > 0.8 ? "waiting" : "running"} />
    </span>
  );
}

/** A bar from 0 to 1. Screen readers skip it, so its value must be in words beside it. */
export function Bar({ share, tone }: { share: number; tone: string }) {
  return (
    <span className="bar" aria-hidden="true">
      <span className={`bar-fill tone-${tone}`} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
