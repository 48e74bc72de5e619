import { isDeepStrictEqual } from "node:util";
import { type Decision, parseDecision } from "../core/decisions.ts";
import { UsageError } from "../core/errors.ts";
import { editedPlan } from "../nodes/approve-plan.ts";
import { answerRequest, getRequest, type HumanRequest } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads.ts";
import { type Engine, planScope } from "./engine.ts";

/**
 * Records a human's decision about a request; the first one wins.
 *
 * @returns the request that was answered.
 * @throws UsageError when the decision does not fit the request, or another one came first. Then nothing changed.
 */
export async function recordAnswer(
  engine: Engine,
  requestId: string,
  decision: Decision,
): Promise<HumanRequest> {
  const request = await getRequest(engine.database, requestId);
  if (request.status === "withdrawn") {
    throw new UsageError(`Request ${requestId} is no longer asked: its thread has ended.`);
  }
  await checkDecision(engine, request, decision);
  const standing = await answerRequest(engine.database, requestId, JSON.parse(JSON.stringify(decision)));
  const first = parseDecision(standing, requestId);
  if (!isDeepStrictEqual(first, JSON.parse(JSON.stringify(decision)))) {
    throw new UsageError(`Request ${requestId} was already answered with "${first.type}", which stands.`);
  }
  return request;
}

async function checkDecision(engine: Engine, request: HumanRequest, decision: Decision): Promise<void> {
  if (decision.type === "respond") {
    throw new UsageError(`Request ${request.id} is approved, edited or rejected; it cannot be responded to.`);
  }
  if (request.kind !== "plan" || decision.type !== "edit") return;
  const thread = await getThread(engine.database, request.threadId);
  editedPlan(await planScope(engine, thread.options), decision.args);
}
