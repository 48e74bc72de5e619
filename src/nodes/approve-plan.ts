import type { Ask } from "../domain/tool-policy.ts";
import type { AnswerScope } from "../requests/kind.ts";
import { answeredPlan, planKind, planRequest } from "../requests/plan.ts";
import { askUnlessApproved } from "./ask.ts";
import { estimateUsd } from "./estimate.ts";
import { trustedPlan } from "./plan.ts";
import { type ActiveThread, activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";

/**
 * The plan gate: a human approves the tasks, edits them, or rejects them, with a reason for another plan or without one to
 * cancel the run. Makes no Claude call, because a node runs again from its top after an interrupt.
 *
 * @param ask - the graph's default; a run's `ask` comes first.
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

/** The route after the gate: to the agents, to a new plan, or to the end when there is nothing to run. */
export function afterApproval({ currentTasks, verdict, feedback }: WorkflowState) {
  if (currentTasks.length === 0 || verdict !== null) return "ended";
  return feedback === "" ? "approved" : "rejected";
}

function scopeOf({ scope }: ActiveThread): AnswerScope {
  return { planFrom: async (plan) => trustedPlan(scope, plan) };
}
