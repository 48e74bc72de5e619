import type { Ask } from "../domain/tool-policy.ts";
import type { AnswerScope } from "../requests/kind.ts";
import { answeredPlan, planKind, planRequest } from "../requests/plan.ts";
import { askUnlessApproved } from "./ask.ts";
import { estimateUsd } from "./estimate.ts";
import { trustedPlan } from "./plan.ts";
import { type ActiveThread, activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";

/**
 * The plan gate: a human approves the tasks, edits them, rejects them with a reason (a new plan is made) or
 * without one (the run is cancelled). Nothing is paid for here: no Claude call stands before an interrupt.
 *
 * @param ask - whether the graph wants it asked; a run's own `ask` comes first.
 */
export function approvePlan({ ask = "always" }: { readonly ask?: Ask } = {}) {
  return async (state: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    const thread = activeThread(context);
    if (afterApproval(state) === "ended") return {};
    const { currentTasks: tasks } = state;
    const place = { threadId: thread.id, stop: context.executionInfo?.taskId };
    const request = planRequest(place, tasks, estimateUsd(thread, tasks));
    const decision = await askUnlessApproved(thread, planKind, ask, request);
    return decision ? answeredPlan(decision, scopeOf(thread)) : {};
  };
}

/** Where the gate sends the run on to: its agents, a new plan, or its end when there is nothing to run. */
export function afterApproval({ currentTasks, verdict, feedback }: WorkflowState) {
  if (currentTasks.length === 0 || verdict !== null) return "ended";
  return feedback === "" ? "approved" : "rejected";
}

/** A plan as this thread would run it. */
function scopeOf({ scope }: ActiveThread): AnswerScope {
  return { planFrom: async (plan) => trustedPlan(scope, plan) };
}
