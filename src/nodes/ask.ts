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

/** A request that was answered, as its row has it, and the decision that stands. */
export interface Answered {
  readonly request: HumanRequest;
  readonly decision: Decision;
}

/**
 * Stops the node in one interrupt for all these requests, unless one of them has its answer by now. An answer is recorded
 * with its request's row; then the node runs again from its top and reads it there. So an answer to some of them goes on
 * with those, and the next node that comes by asks for the rest.
 *
 * @returns those which are answered. None when the node was resumed before and its answer was used then: the rest is
 *   asked when the graph comes by again.
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

/** Asks one thing and stops until it is answered. */
export async function askOne(
  thread: ActiveThread,
  kind: RequestKind,
  request: NewRequest,
): Promise<Answered> {
  const due = withDeadline(kind, thread.options.deadline, request);
  const asked = await askHuman(thread.database, due);
  const [answered] = await answersOrStop(thread, [asked], makeKinds([kind]));
  if (answered) return answered;
  throw new UsageError(`Request ${request.id} has no answer, but its thread goes on: answer it first.`);
}

/**
 * Asks about a thing as the run wants it, else the graph.
 *
 * @returns undefined when nobody is to be asked; what is approved by the run's own option is kept for the record.
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
