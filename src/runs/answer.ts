import { isDeepStrictEqual } from "node:util";
import { type Decision, type GivenDecision, parseDecision } from "../domain/decision.ts";
import { UsageError } from "../domain/errors.ts";
import { type Json, plainJson } from "../domain/json.ts";
import type { Answerer, HumanRequest } from "../domain/request.ts";
import { trustedPlan } from "../nodes/plan.ts";
import { answerDue, answerRequests, getRequest } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { KINDS, type Kinds } from "../requests/kinds.ts";
import { openScope } from "./agent-scope.ts";
import type { Engine } from "./engine.ts";

/**
 * Records a human's decision about a request. The first decision wins; the same decision again changes nothing.
 *
 * @returns the request before the answer.
 * @throws UsageError for a decision that the request does not allow, or after another decision. Nothing has changed then.
 */
export async function recordAnswer(
  engine: Engine,
  requestId: string,
  decision: Decision,
  answerer: Answerer,
  kinds = KINDS,
): Promise<HumanRequest> {
  const request = await getRequest(engine.database, requestId);
  await recordAnswers(engine, [{ requestId, decision }], answerer, kinds);
  return request;
}

/**
 * Records several decisions together, all of them or none.
 *
 * @throws UsageError as `recordAnswer` does.
 */
export async function recordAnswers(
  engine: Engine,
  given: readonly GivenDecision[],
  answerer: Answerer,
  kinds = KINDS,
): Promise<void> {
  await answerDue(engine.database);
  for (const { requestId, decision } of given) await checkAnswer(engine, kinds, requestId, decision);
  const answers = given.map(({ requestId, decision }) => ({ requestId, answer: plainJson(decision) }));
  const [lost] = await answerRequests(engine.database, answers, answerer);
  if (lost === undefined) return;
  refuseLate(await getRequest(engine.database, lost));
}

async function checkAnswer(
  engine: Engine,
  kinds: Kinds,
  requestId: string,
  decision: Decision,
): Promise<void> {
  const request = await getRequest(engine.database, requestId);
  if (request.answer !== null && isDeepStrictEqual(request.answer, plainJson(decision))) return;
  if (request.status !== "open") refuseLate(request);
  await kinds.of(request).check(request, decision, {
    planFrom: async (plan) => {
      const { options } = await getThread(engine.database, request.threadId);
      return trustedPlan((await openScope(engine, options)).scope, plan);
    },
  });
}

function refuseLate({ id, status, answer, answeredBy, answeredVia, answeredAt }: HumanRequest): never {
  if (status === "withdrawn") {
    throw new UsageError(`Request ${id} was withdrawn: its thread has ended or was forked.`);
  }
  const by = answeredBy === null ? "" : ` by ${answeredBy}`;
  throw new UsageError(
    `Request ${id} was already answered with "${wordOf(answer, id)}"${by} (${answeredVia ?? "unknown"}) at ${answeredAt}. That answer counts.`,
  );
}

function wordOf(answer: Json, id: string): string {
  return parseDecision(answer, id).type;
}
