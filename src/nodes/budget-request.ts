import { createHash } from "node:crypto";
import { plainJson } from "../domain/json.ts";
import type { RequestKind } from "../domain/request.ts";
import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import { callTotals } from "../postgres/claude-calls/totals.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { type BudgetPayload, roundedUp } from "../requests/requests.ts";
import type { ActiveThread, NodeContext } from "./runtime.ts";

/** Whose calls a budget does not suffice for. */
export interface BudgetNeed {
  readonly gap: BudgetGap;
  readonly tasks: readonly string[];
  /** What each of the waiting calls may cost. */
  readonly needsUsd: readonly number[];
}

/**
 * The id of a request: the same as long as the same stop at the same gate asks the same thing, another one the next
 * time the thread comes by.
 */
export function requestId(
  kind: RequestKind,
  thread: ActiveThread,
  { executionInfo }: NodeContext,
  about: string,
): string {
  const key = `${thread.id} ${executionInfo?.taskId ?? ""} ${about}`;
  return `${kind}-${createHash("sha256").update(key.trim()).digest("hex").slice(0, 8)}`;
}

/** The request to raise a ceiling, or to go on when nothing of ours can be raised. */
export async function budgetRequest(
  thread: ActiveThread,
  context: NodeContext,
  { gap, tasks, needsUsd }: BudgetNeed,
): Promise<NewRequest> {
  const { ceiling, limitUsd, sentence } = gap;
  const taskId = ceiling === "task" ? (tasks[0] ?? null) : null;
  const spentUsd =
    ceiling === "thread" ? (await callTotals(thread.database, thread.id)).costUsd : gap.spentUsd;
  const neededUsd = needsUsd.reduce((sum, need) => sum + need, 0);
  const canRaise = ceiling === "thread" || ceiling === "task";
  const payload: BudgetPayload = {
    ceiling,
    limitUsd,
    spentUsd,
    neededUsd,
    nextUsd: Math.min(...needsUsd),
    tasks: [...tasks],
    ...(canRaise && { budgetUsd: roundedUp(Math.max(spentUsd + neededUsd, limitUsd)) }),
  };
  const question =
    payload.budgetUsd === undefined ? ADVICE[ceiling] : `Raise it to $${payload.budgetUsd.toFixed(2)}?`;
  return {
    id: requestId("budget", thread, context, `${ceiling} ${taskId ?? ""}`),
    threadId: thread.id,
    kind: "budget",
    taskId,
    payload: plainJson(payload),
    summary: `${sentence} ${question}`,
  };
}

const ADVICE = {
  thread: "",
  task: "",
  day: "Approve to try again, after raising DAY_BUDGET_USD or tomorrow.",
  account: "Approve to try again, when that has been seen to.",
} as const;
