import { type Json, plainJson } from "../core/json.ts";
import { toolPayloadSchema } from "../core/requests.ts";
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
  const named = requests.map((request) => ({ ...request, ...actionOf(request) }));
  const actions = named.map(({ name, args, summary, id }) => {
    return { id, name, args, arguments: args, description: summary };
  });
  return {
    requests: requests.map(({ id, kind, taskId, summary, deadlineAt }) => {
      return { id, kind, task: taskId, summary, deadlineAt };
    }),
    actionRequests: actions,
    action_requests: actions,
    reviewConfigs: named.map(({ name, allowed }) => ({ actionName: name, allowedDecisions: allowed })),
    review_configs: named.map(({ name, allowed }) => ({ action_name: name, allowed_decisions: allowed })),
  } satisfies Json;
}

/** A tool call is shown as itself, so that a client edits its arguments; anything else by what is asked. */
function actionOf({ kind, payload }: ApprovalRequest): { readonly name: string; readonly args: Json } {
  const call = kind === "tool" ? toolPayloadSchema.safeParse(payload) : undefined;
  return call?.success
    ? { name: call.data.tool, args: plainJson(call.data.args) }
    : { name: kind, args: payload };
}
