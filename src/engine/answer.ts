import { isDeepStrictEqual } from "node:util";
import { type Decision, parseDecision, parseDecisions } from "../core/decisions.ts";
import { UsageError } from "../core/errors.ts";
import { type Json, plainJson } from "../core/json.ts";
import { checkDecision } from "../core/requests.ts";
import { editedPlan } from "../nodes/approve-plan.ts";
import { answerRequest, getRequest, type HumanRequest } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads.ts";
import { type Engine, planScope } from "./engine.ts";
import type { Question } from "./questions.ts";

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
  const request = await checkAnswer(engine, requestId, decision);
  const standing = await answerRequest(engine.database, requestId, plainJson(decision));
  refuseOther(requestId, standing, decision);
  return request;
}

/**
 * Records what a client of LangGraph resumes a thread with, in any of the forms that clients use, before LangGraph
 * sees it: LangGraph would keep a wrong answer as the one to go on with.
 *
 * @param resume - the value of `Command({ resume })`: an answer, or answers by interrupt id.
 * @throws UsageError when an answer is wrong, or nothing is asked. Then nothing changed.
 */
export async function recordResume(
  engine: Engine,
  questions: readonly Question[],
  resume: unknown,
): Promise<void> {
  const answers = answersTo(questions, resume);
  for (const { requestId, decision } of answers) await checkAnswer(engine, requestId, decision);
  for (const { requestId, decision } of answers) await recordAnswer(engine, requestId, decision);
}

function answersTo(questions: readonly Question[], resume: unknown) {
  const [only] = questions;
  if (!only) throw new UsageError("The thread waits for nothing that could be answered.");
  const byInterrupt = byInterruptId(resume);
  if (!byInterrupt && questions.length > 1) {
    throw new UsageError("The thread asks more than one question: answer by interrupt id.");
  }
  const given = byInterrupt ?? [[only.interruptId, resume] as const];
  return given.flatMap(([interruptId, answer]) => {
    const question = questions.find((asked) => asked.interruptId === interruptId);
    if (!question) throw new UsageError(`The thread does not ask ${interruptId}, or does so no longer.`);
    const decisions = question.requestIds.length > 0 ? parseDecisions(answer, question.requestIds) : [];
    return decisions.map((decision, index) => ({ requestId: question.requestIds[index] ?? "", decision }));
  });
}

/** LangGraph takes an object for a map by interrupt id when every key looks like one. */
function byInterruptId(resume: unknown): (readonly [string, unknown])[] | undefined {
  if (typeof resume !== "object" || resume === null || Array.isArray(resume)) return undefined;
  const entries = Object.entries(resume);
  const isMap = entries.length > 0 && entries.every(([key]) => /^[0-9a-f]{32}$/.test(key));
  return isMap ? entries : undefined;
}

async function checkAnswer(engine: Engine, requestId: string, decision: Decision): Promise<HumanRequest> {
  const request = await getRequest(engine.database, requestId);
  if (request.status === "withdrawn") {
    throw new UsageError(`Request ${requestId} is no longer asked: its thread has ended.`);
  }
  await checkFits(engine, request, decision);
  if (request.answer !== null) refuseOther(requestId, request.answer, decision);
  return request;
}

/** The same answer once more changes nothing and is fine. */
function refuseOther(requestId: string, standing: Json, decision: Decision): void {
  const first = parseDecision(standing, requestId);
  if (isDeepStrictEqual(first, plainJson(decision))) return;
  throw new UsageError(`Request ${requestId} was already answered with "${first.type}", which stands.`);
}

async function checkFits(engine: Engine, request: HumanRequest, decision: Decision): Promise<void> {
  checkDecision(request, decision);
  if (request.kind !== "plan" || decision.type !== "edit") return;
  const thread = await getThread(engine.database, request.threadId);
  editedPlan(await planScope(engine, thread.options), decision.args);
}
