import type { Phase } from "../domain/event.ts";
import type { BudgetGap } from "../postgres/agent-coordination/outcomes.ts";
import { budgetKind, budgetRequest, raiseAsDecided } from "../requests/budget.ts";
import { askOne } from "./ask.ts";
import { activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";

/**
 * The budget gate of plan and synthesis: a human raises the ceiling for their next call, or declines. Makes no Claude call.
 * Tasks have their own gate in `claude_executor`.
 */
export function askForBudget() {
  return async ({ overBudget }: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    if (!overBudget?.gap) return {};
    const thread = activeThread(context);
    const { phase, gap } = overBudget;
    const { id: threadId, database } = thread;
    const place = { database, threadId, stop: context.executionInfo?.taskId };
    const request = await budgetRequest(place, { gap, tasks: [], needsUsd: [gap.neededUsd] });
    const { request: asked, decision } = await askOne(thread, budgetKind, request);
    if (decision.type === "reject") {
      const ended = {
        verdict: "cancelled",
        error: "The budget was not raised, so nothing was run.",
      } as const;
      return { overBudget: { phase, gap: null, isDeclined: true }, ...(phase === "plan" && ended) };
    }
    await raiseAsDecided(database, threadId, asked, decision);
    return { overBudget: { phase, gap: null, isDeclined: false }, verdict: null, error: null };
  };
}

/** The state update of a phase whose next call does not fit. Without a gate after it, the phase ends. */
export function outOfBudget(phase: Exclude<Phase, "agents">, gap: BudgetGap): WorkflowUpdate {
  return { overBudget: { phase, gap, isDeclined: false }, error: gap.sentence };
}

/** The route after a phase: to the gate when its next call does not fit. */
export function isOverBudget({ overBudget }: WorkflowState): "over budget" | "done" {
  return overBudget?.gap ? "over budget" : "done";
}

/** The route after the budget gate: back to the phase that asked, or to the end. */
export function afterBudget({ overBudget }: WorkflowState): "to the plan" | "to the answer" | "ended" {
  if (overBudget?.phase === "synthesis") return "to the answer";
  return overBudget?.isDeclined ? "ended" : "to the plan";
}
