import type { Ask } from "../domain/ask-policy.ts";
import type { Decision } from "../domain/decision.ts";
import { plainJson } from "../domain/json.ts";
import { type Task, taskSchema } from "../domain/task.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import type { AgentScope } from "./agent-scope.ts";
import { askUnlessApproved } from "./ask.ts";
import { requestId } from "./budget-request.ts";
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
    const request = planRequest(thread, state.currentTasks, context);
    const decision = await askUnlessApproved(thread, "plan", ask, request);
    return decision ? updateFor(thread, decision) : {};
  };
}

/** Where the gate sends the run on to: its agents, a new plan, or its end when there is nothing to run. */
export function afterApproval({ currentTasks, verdict, feedback }: WorkflowState) {
  if (currentTasks.length === 0 || verdict !== null) return "ended";
  return feedback === "" ? "approved" : "rejected";
}

function planRequest(thread: ActiveThread, tasks: readonly Task[], context: NodeContext): NewRequest {
  const names = tasks.map((task) => `${task.id} (${task.agent})`);
  const noun = tasks.length === 1 ? "task" : "tasks";
  return {
    id: requestId("plan", thread, context, ""),
    threadId: thread.id,
    kind: "plan",
    taskId: null,
    summary: `Run ${tasks.length} ${noun}: ${clip(names.join(", "), 300)}`,
    payload: plainJson({
      tasks: tasks.map((task) => ({ ...task, model: task.model ?? null })),
      estimateUsd: estimateUsd(thread, tasks),
    }),
  };
}

/** An edit may bring the tasks or the whole plan; `model: null`, as the payload has it, means no choice. */
export function editedPlan(scope: AgentScope, args: unknown): Task[] {
  const plan = typeof args === "object" && args !== null && "tasks" in args ? args.tasks : args;
  const tasks = Array.isArray(plan) ? plan.map(withoutNullModel) : plan;
  return trustedPlan(scope, { tasks });
}

function withoutNullModel(task: unknown): unknown {
  if (typeof task !== "object" || task === null || !("model" in task) || task.model !== null) return task;
  const { model: _, ...rest } = task;
  return rest;
}

function updateFor(thread: ActiveThread, decision: Decision): WorkflowUpdate {
  if (decision.type === "approve") return {};
  if (decision.type === "edit") {
    return { currentTasks: editedPlan(thread.scope, decision.args).map((task) => taskSchema.parse(task)) };
  }
  if (decision.message !== "") return { feedback: decision.message };
  return { verdict: "cancelled", error: "The plan was rejected, so nothing was run." };
}
