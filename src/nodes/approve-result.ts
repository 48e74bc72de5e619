import { AIMessage } from "@langchain/core/messages";
import type { Ask } from "../domain/ask-policy.ts";
import type { Decision } from "../domain/decision.ts";
import { plainJson } from "../domain/json.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { editedOutput } from "../requests/requests.ts";
import { askUnlessApproved } from "./ask.ts";
import { requestId } from "./budget-request.ts";
import { type ActiveThread, activeThread, type NodeContext } from "./runtime.ts";
import type { WorkflowState, WorkflowUpdate } from "./state.ts";
import { answerMessageId } from "./synthesize.ts";

/** Characters of the answer that a request is summed up with. */
const SUMMARY_CHARACTERS = 200;

/**
 * The quality gate of the answer: a human approves it, edits its text, rejects it with a reason (it is synthesized anew)
 * or without one (the run ends as cancelled). An answer that is none is not asked about.
 *
 * @param ask - whether the graph wants it asked; a run's own `ask` comes first.
 */
export function approveResult({ ask = "never" }: { readonly ask?: Ask } = {}) {
  return async (state: WorkflowState, context: NodeContext): Promise<WorkflowUpdate> => {
    const { output, verdict } = state;
    if (output === null || verdict === "failed" || verdict === "cancelled") return {};
    const thread = activeThread(context);
    const request = resultRequest(thread, state, output, context);
    const decision = await askUnlessApproved(thread, "result", ask, request);
    return decision ? updateFor(state, output, decision) : {};
  };
}

/** Where the gate sends the run on to: to its end, or back for another answer. */
export function afterResult({ output, verdict }: WorkflowState): "approved" | "rejected" {
  return output === null && verdict === null ? "rejected" : "approved";
}

function resultRequest(
  thread: ActiveThread,
  { verdict, error, currentTasks, agentResults }: WorkflowState,
  output: string,
  context: NodeContext,
): NewRequest {
  const tasks = currentTasks.map(({ id, agent }) => {
    const { status = "pending", summary = null } = agentResults[id] ?? {};
    return { id, agent, status, summary };
  });
  return {
    id: requestId("result", thread, context, ""),
    threadId: thread.id,
    kind: "result",
    taskId: null,
    summary: `Is this the answer? ${clip(output.replaceAll(/\s+/g, " "), SUMMARY_CHARACTERS)}`,
    payload: plainJson({ output, verdict, error, tasks }),
  };
}

function updateFor(state: WorkflowState, output: string, decision: Decision): WorkflowUpdate {
  if (decision.type === "edit") {
    const edited = editedOutput("", decision.args);
    return { output: edited, messages: [new AIMessage({ id: answerMessageId(state), content: edited })] };
  }
  if (decision.type !== "reject") return {};
  if (decision.message === "") {
    return { output: null, verdict: "cancelled", error: "The answer was rejected." };
  }
  const round = (state.revision?.round ?? 0) + 1;
  return { output: null, verdict: null, error: null, revision: { round, reason: decision.message, output } };
}
