import type { Json } from "../domain/json.ts";
import type { HumanRequest } from "../domain/request.ts";
import { KINDS } from "../requests/kinds.ts";

/** The part of a request in an interrupt. */
export type ApprovalRequest = Pick<
  HumanRequest,
  "id" | "kind" | "taskId" | "summary" | "payload" | "deadlineAt"
>;

/**
 * The value of one interrupt for N requests, for every client: LangChain's camelCase, agent-chat-ui's snake_case and the
 * Agent Inbox's `arguments`. `requests` has our own ids, which an answer may use.
 */
export function approvalPayload(requests: readonly ApprovalRequest[], kinds = KINDS) {
  const asked = requests.map((request) => {
    const kind = kinds.of(request);
    return { request, allowed: kind.allowed(request), editable: kind.editable(request) };
  });
  const actions = asked.map(({ request: { id, summary }, editable: { name, args } }) => {
    return { id, name, args, arguments: args, description: summary };
  });
  const reviews = asked.map(({ editable: { name }, allowed }) => ({ name, allowed }));
  return {
    requests: requests.map(({ id, kind, taskId, summary, deadlineAt }) => {
      return { id, kind, task: taskId, summary, deadlineAt };
    }),
    actionRequests: actions,
    action_requests: actions,
    reviewConfigs: reviews.map(({ name, allowed }) => ({ actionName: name, allowedDecisions: allowed })),
    review_configs: reviews.map(({ name, allowed }) => ({ action_name: name, allowed_decisions: allowed })),
  } satisfies Json;
}
