import { type Json, plainJson } from "../domain/json.ts";
import type { HumanRequest } from "../postgres/requests.ts";
import { toolPayloadSchema } from "../requests/requests.ts";

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
  const actions = requests.map((request) => {
    const { name, args } = actionOf(request);
    return { id: request.id, name, args, arguments: args, description: request.summary };
  });
  const reviews = requests.map((request) => ({ name: actionOf(request).name, allowed: request.allowed }));
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

/** What an edit changes: of a tool call its own arguments, under the tool's name; of all else what is asked about. */
function actionOf({ kind, payload }: ApprovalRequest): { readonly name: string; readonly args: Json } {
  const call = kind === "tool" ? toolPayloadSchema.safeParse(payload) : undefined;
  return call?.success
    ? { name: call.data.tool, args: plainJson(call.data.args) }
    : { name: kind, args: payload };
}
