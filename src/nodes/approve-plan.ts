import { createHash } from "node:crypto";
import { Command, END, interrupt } from "@langchain/langgraph";
import { type Decision, parseDecisions } from "../core/decisions.ts";
import { type Task, taskSchema } from "../core/tasks.ts";
import { clip } from "../core/text.ts";
import { answerRequest, askHuman, type NewRequest } from "../postgres/requests.ts";
import { approvalPayload } from "./approval-payload.ts";
import { type PlanScope, trustedPlan } from "./plan.ts";
import { type ActiveThread, activeThread, type NodeContext, type RuntimeSource } from "./runtime.ts";
import type { WorkflowState } from "./state.ts";

/** Where the gate sends the run on to. */
export interface PlanExits {
  readonly approved: string;
  /** Where a plan that was rejected with a reason is made anew. */
  readonly replan: string;
}

/**
 * The plan gate: a human approves the tasks, edits them, rejects them with a reason (a new plan is made) or
 * without one (the run is cancelled). Nothing is paid for here: no Claude call stands before an interrupt.
 * A wrong answer throws UsageError and leaves the question open.
 */
export function approvePlan(source: RuntimeSource, exits: PlanExits) {
  return async (state: WorkflowState, context: NodeContext): Promise<Command> => {
    const thread = await activeThread(source, context);
    if (state.currentTasks.length === 0 || state.verdict !== null) return new Command({ goto: END });
    if (thread.options.autoApprove?.includes("plan")) return new Command({ goto: exits.approved });
    const request = planRequest(thread, state.currentTasks, context);
    await askHuman(thread.database, request);
    const payload = approvalPayload([{ ...request, allowed: ["approve", "edit", "reject"] }]);
    const decision = await decide(thread, request.id, interrupt(payload));
    return commandFor(thread, decision, exits);
  };
}

function planRequest(thread: ActiveThread, tasks: readonly Task[], context: NodeContext): NewRequest {
  const taskKey = context.executionInfo?.taskId ?? "";
  const hash = createHash("sha256").update(`${thread.id} ${taskKey}`).digest("hex").slice(0, 8);
  const names = tasks.map((task) => `${task.id} (${task.agent})`);
  const noun = tasks.length === 1 ? "task" : "tasks";
  return {
    id: `plan-${hash}`,
    threadId: thread.id,
    kind: "plan",
    taskId: null,
    summary: `Run ${tasks.length} ${noun}: ${clip(names.join(", "), 300)}`,
    payload: { tasks: tasks.map((task) => ({ ...task, model: task.model ?? null })) },
  };
}

/** The decision that stands: the first one recorded, which may be another client's. */
async function decide(thread: ActiveThread, requestId: string, answer: unknown): Promise<Decision> {
  const [given] = parseDecisions(answer, [requestId]);
  if (given?.type === "edit") editedPlan(thread, given.args);
  const standing = await answerRequest(thread.database, requestId, JSON.parse(JSON.stringify(given)));
  const [decision] = parseDecisions(standing, [requestId]);
  return decision ?? { type: "reject", message: "" };
}

/** An edit may bring the tasks or the whole plan; `model: null`, as the payload has it, means no choice. */
export function editedPlan(scope: PlanScope, args: unknown): Task[] {
  const plan = typeof args === "object" && args !== null && "tasks" in args ? args.tasks : args;
  const tasks = Array.isArray(plan) ? plan.map(withoutNullModel) : plan;
  return trustedPlan(scope, { tasks });
}

function withoutNullModel(task: unknown): unknown {
  if (typeof task !== "object" || task === null || !("model" in task) || task.model !== null) return task;
  const { model: _, ...rest } = task;
  return rest;
}

function commandFor(thread: ActiveThread, decision: Decision, exits: PlanExits): Command {
  if (decision.type === "approve") return new Command({ goto: exits.approved });
  if (decision.type === "edit") {
    const currentTasks = editedPlan(thread, decision.args).map((task) => taskSchema.parse(task));
    return new Command({ goto: exits.approved, update: { currentTasks } });
  }
  if (decision.message !== "") {
    return new Command({ goto: exits.replan, update: { feedback: decision.message } });
  }
  const update = { verdict: "cancelled", error: "The plan was rejected, so nothing was run." };
  return new Command({ goto: END, update });
}
