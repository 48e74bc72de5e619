import { interrupt } from "@langchain/langgraph";
import { type Decision, parseDecision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import type { HumanRequest } from "../domain/request.ts";
import type { Ask } from "../domain/tool-policy.ts";
import { askHuman, findRequests, type NewRequest, recordAnswered } from "../postgres/requests.ts";
import { withDeadline } from "../requests/deadline.ts";
import type { RequestKind } from "../requests/kind.ts";
import { KINDS, makeKinds } from "../requests/kinds.ts";
import { approvalPayload } from "./approval-payload.ts";
import type { ActiveThread } from "./runtime.ts";

/** An answered request and its decision. */
export interface Answered {
  readonly request: HumanRequest;
  readonly decision: Decision;
}

/**
 * Stops the node in one interrupt for all these requests, unless one of them has an answer. Answers are recorded in the
 * requests' rows; the node then runs again from its top and reads them there. So the run continues with a partial answer,
 * and the next gate asks for the rest.
 *
 * @returns the answered requests. Empty when an earlier run of the node has used the answer: the next gate asks for the rest.
 */
export async function answersOrStop(
  thread: ActiveThread,
  requests: readonly HumanRequest[],
  kinds = KINDS,
): Promise<Answered[]> {
  if (requests.length > 0 && requests.every((request) => request.answer === null)) {
    interrupt(approvalPayload(requests, kinds));
  }
  const ids = requests.map(({ id }) => id);
  const rows = new Map((await findRequests(thread.database, ids)).map((request) => [request.id, request]));
  return ids.flatMap((id) => {
    const request = rows.get(id);
    if (!request || request.answer === null) return [];
    return [{ request, decision: parseDecision(request.answer, id) }];
  });
}

/** Asks one request and stops until it is answered. */
export async function askOne(
  thread: ActiveThread,
  kind: RequestKind,
  request: NewRequest,
): Promise<Answered> {
  const due = withDeadline(kind, thread.options.deadline, request);
  const asked = await askHuman(thread.database, due);
  const [answered] = await answersOrStop(thread, [asked], makeKinds([kind]));
  if (answered) return answered;
  throw new UsageError(`Request ${request.id} has no answer, but its thread was resumed: answer it first.`);
}

/**
 * Asks a request by the policy of the run, else of the graph. Records an approval by the run's `autoApprove`.
 *
 * @returns the decision; undefined when the policy is `never`.
 */
export async function askUnlessApproved(
  thread: ActiveThread,
  kind: RequestKind,
  byGraph: Ask,
  request: NewRequest,
): Promise<Decision | undefined> {
  const { ask, autoApprove } = thread.options;
  if ((ask?.[kind.name] ?? byGraph) === "never") return undefined;
  const isApproved = kind.isAutoApprovable && autoApprove?.includes(kind.name) === true;
  if (!isApproved) return (await askOne(thread, kind, request)).decision;
  await recordAnswered(thread.database, request, { type: "approve" }, { by: null, via: "auto-approve" });
  return { type: "approve" };
}
