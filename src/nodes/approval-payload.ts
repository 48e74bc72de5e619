import type { Json } from "../core/json.ts";
import type { HumanRequest } from "../postgres/requests.ts";

/** A request as an interrupt shows it: our row, and what a human may do about it. */
export type ApprovalRequest = Pick<
  HumanRequest,
  "id" | "kind" | "taskId" | "summary" | "payload" | "deadlineAt"
> & {
  readonly allowed: readonly string[];
};

/**
 * One interrupt for N requests, in the words of every client: LangChain's camelCase, agent-chat-ui's snake_case
 * and the Agent Inbox's `arguments`. `requests` carries our own ids, which an answer may name.
 */
export function approvalPayload(requests: readonly ApprovalRequest[]) {
  const actions = requests.map(({ kind, payload, summary, id }) => ({
    id,
    name: kind,
    args: payload,
    arguments: payload,
    description: summary,
  }));
  return {
    requests: requests.map(({ id, kind, taskId, summary, deadlineAt }) => {
      return { id, kind, task: taskId, summary, deadlineAt };
    }),
    actionRequests: actions,
    action_requests: actions,
    reviewConfigs: requests.map(({ kind, allowed }) => ({ actionName: kind, allowedDecisions: allowed })),
    review_configs: requests.map(({ kind, allowed }) => ({ action_name: kind, allowed_decisions: allowed })),
  } satisfies Json;
}
