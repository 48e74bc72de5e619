import { AIMessage } from "@langchain/core/messages";
import type { Decision } from "../domain/decision.ts";
import type { Ask } from "../domain/tool-policy.ts";
import { answeredResult, resultKind, resultRequest } from "../requests/result.ts";
import { askUnlessApproved } from "./ask.ts";
import { activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";
import { answerMessageId } from "./synthesize.ts";

/**
 * The result gate: a human approves the answer, edits it, or rejects it, with a reason for another synthesis or without one
 * to cancel the run. Does nothing when there is no answer.
 *
 * @param ask - the graph's default; a run's `ask` comes first.
 */
export function approveResult({ ask = "never" }: { readonly ask?: Ask } = {}) {
  return async (state: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    const { output, verdict } = state;
    if (output === null || verdict === "failed" || verdict === "cancelled") return {};
    const thread = activeThread(context);
    const place = { threadId: thread.id, stop: context.executionInfo?.taskId };
    const request = resultRequest(place, output, factsOf(state));
    const decision = await askUnlessApproved(thread, resultKind, ask, request);
    return decision ? updateFor(state, output, decision) : {};
  };
}

/** The route after the gate: to the end, or back for another answer. */
export function afterResult({ output, verdict }: WorkflowState): "approved" | "rejected" {
  return output === null && verdict === null ? "rejected" : "approved";
}

/** The results of the answer's tasks. */
function factsOf({ verdict, error, currentTasks, agentResults }: WorkflowState) {
  const tasks = currentTasks.map(({ id, agent }) => {
    const { status = "pending", summary = null } = agentResults[id] ?? {};
    return { id, agent, status, summary };
  });
  return { verdict, error, tasks };
}

function updateFor(state: WorkflowState, output: string, decision: Decision): WorkflowUpdate {
  const answered = answeredResult(decision);
  if (answered.type === "stands") return {};
  if (answered.type === "edited") {
    const message = new AIMessage({ id: answerMessageId(state), content: answered.output });
    return { output: answered.output, messages: [message] };
  }
  const { reason } = answered;
  if (reason === "") return { output: null, verdict: "cancelled", error: "The answer was rejected." };
  const round = (state.revision?.round ?? 0) + 1;
  return { output: null, verdict: null, error: null, revision: { round, reason, output } };
}
