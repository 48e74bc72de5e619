import { interrupt } from "@langchain/langgraph";
import type { Ask } from "../domain/ask-policy.ts";
import { defaultDecision } from "../domain/deadline.ts";
import { type Decision, parseDecision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { plainJson } from "../domain/json.ts";
import {
  askHuman,
  findRequests,
  type HumanRequest,
  type NewRequest,
  recordAnswered,
} from "../postgres/requests.ts";
import { allowedDecisions } from "../requests/requests.ts";
import { approvalPayload } from "./approval-payload.ts";
import type { ActiveThread } from "./runtime.ts";

/** A request that was answered, as its row has it, and the decision that stands. */
export interface Answered {
  readonly request: HumanRequest;
  readonly decision: Decision;
}

/**
 * Stops the node in one interrupt for all these requests, unless one of them has its answer by now. Whoever answers
 * records that with the requests' rows; then the node is run again from its top and reads it there. So an answer to some of
 * them goes on with those, and the node that asks for the rest is the next one to come by.
 *
 * @returns those which are answered. None when the node was resumed before and an answer was used up by then: the rest is
 *   asked when the graph comes by again.
 */
export async function answersOrStop(
  thread: ActiveThread,
  requests: readonly HumanRequest[],
): Promise<Answered[]> {
  if (requests.length > 0 && requests.every((request) => request.answer === null)) {
    interrupt(
      approvalPayload(requests.map((request) => ({ ...request, allowed: allowedDecisions(request) }))),
    );
  }
  const ids = requests.map(({ id }) => id);
  const rows = new Map((await findRequests(thread.database, ids)).map((request) => [request.id, request]));
  return ids.flatMap((id) => {
    const request = rows.get(id);
    if (!request || request.answer === null) return [];
    return [{ request, decision: parseDecision(request.answer, id) }];
  });
}

/** A request with the deadline that the run sets for what it asks, if it does. */
export function withDeadline({ options: { deadline } }: ActiveThread, request: NewRequest): NewRequest {
  const answer = deadline && defaultDecision(request.kind, deadline.answer);
  return answer
    ? { ...request, deadline: { seconds: deadline.seconds, answer: plainJson(answer) } }
    : request;
}

/** Asks one thing and stops until it is answered. */
export async function askOne(thread: ActiveThread, request: NewRequest): Promise<Answered> {
  const asked = await askHuman(thread.database, withDeadline(thread, request));
  const [answered] = await answersOrStop(thread, [asked]);
  if (answered) return answered;
  throw new UsageError(`Request ${request.id} has no answer, but its thread was told to go on: answer it.`);
}

/**
 * Asks about a plan or a result as the run wants it, else the graph.
 *
 * @returns undefined when nobody is to be asked; what is approved by the run's own option is kept for the record.
 */
export async function askUnlessApproved(
  thread: ActiveThread,
  kind: "plan" | "result",
  byGraph: Ask,
  request: NewRequest,
): Promise<Decision | undefined> {
  const { ask, autoApprove } = thread.options;
  if ((ask?.[kind] ?? byGraph) === "never") return undefined;
  if (!autoApprove?.includes(kind)) return (await askOne(thread, request)).decision;
  await recordAnswered(thread.database, request, { type: "approve" }, { by: null, via: "auto-approve" });
  return { type: "approve" };
}
