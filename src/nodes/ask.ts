import { interrupt } from "@langchain/langgraph";
import { type Decision, parseDecision, parseDecisions } from "../core/decisions.ts";
import { plainJson } from "../core/json.ts";
import { allowedDecisions, checkDecision } from "../core/requests.ts";
import { answerRequest, askHuman, type HumanRequest, type NewRequest } from "../postgres/requests.ts";
import { approvalPayload } from "./approval-payload.ts";
import type { ActiveThread } from "./runtime.ts";

/** A request that was answered, as its row has it, and the decision that stands. */
export interface Answered {
  readonly request: HumanRequest;
  readonly decision: Decision;
}

/**
 * Asks a human all of these at once, in one interrupt, unless each has its answer by now. The node stops here and is run
 * again from its top when there are answers; of two to the same question the first stands.
 *
 * @param check - throws UsageError when a decision does not fit its request; then the questions stay open.
 */
export async function askAll(
  thread: ActiveThread,
  requests: readonly NewRequest[],
  check: (request: HumanRequest, decision: Decision) => void = checkDecision,
): Promise<Answered[]> {
  const asked: HumanRequest[] = [];
  for (const request of requests) asked.push(await askHuman(thread.database, request));
  if (asked.some((request) => request.answer === null)) {
    const allowed = asked.map((request) => ({ ...request, allowed: allowedDecisions(request) }));
    const given = parseDecisions(
      interrupt(approvalPayload(allowed)),
      asked.map(({ id }) => id),
    );
    for (const [index, decision] of given.entries()) {
      const request = asked[index];
      if (!request) continue;
      check(request, decision);
      const standing = await answerRequest(thread.database, request.id, plainJson(decision));
      asked[index] = { ...request, answer: standing };
    }
  }
  return asked.map((request) => ({ request, decision: parseDecision(request.answer, request.id) }));
}
