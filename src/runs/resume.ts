import { isDeepStrictEqual } from "node:util";
import {
  type Decision,
  type GivenDecision,
  isByRequestId,
  parseDecision,
  parseDecisions,
} from "../domain/decision.ts";
import { ThreadBusyError, UsageError } from "../domain/errors.ts";
import { plainJson } from "../domain/json.ts";
import type { Answerer } from "../domain/request.ts";
import { getRequest } from "../postgres/requests.ts";
import { recordAnswers } from "./answer.ts";
import type { Engine } from "./engine.ts";
import { askOwnQuestions, type Question, standingOf } from "./questions.ts";

/** What a thread asks, and what a client of LangGraph resumes it with. */
export interface Resume {
  readonly threadId: string;
  readonly questions: readonly Question[];
  /** The value of `Command({ resume })`: an answer, or answers by interrupt id. */
  readonly value: unknown;
  readonly answerer: Answerer;
}

/**
 * Records what a client of LangGraph resumes a thread with, in any of the forms that clients use, before LangGraph
 * sees it: LangGraph would keep a wrong answer as the one to go on with. A request is found by our id even when the
 * interrupt that asked it has another id by now.
 *
 * @returns what LangGraph is to be resumed with: all that is answered by now, by interrupt id.
 * @throws UsageError when an answer is wrong or late, or there is nothing to go on with. Then nothing changed.
 */
export async function recordResume(
  engine: Engine,
  { threadId, questions, value, answerer }: Resume,
): Promise<Record<string, unknown>> {
  await askOwnQuestions(engine.database, threadId, questions);
  const known = await standingOf(engine.database, questions);
  const { ours, others } = answersTo(questions, value, known.answers);
  for (const { requestId } of ours) await checkAsked(engine, threadId, requestId);
  await recordAnswers(engine, ours, answerer);
  const { answers, waitingFor } = await standingOf(engine.database, questions);
  const resume = { ...answers, ...others };
  if (Object.keys(resume).length > 0) return resume;
  const still = waitingFor.length > 0 ? `it waits for ${waitingFor.join(", ")}` : "it waits for nothing else";
  throw new ThreadBusyError(`Thread ${threadId} has gone on with that answer already; ${still}.`);
}

async function checkAsked(engine: Engine, threadId: string, requestId: string): Promise<void> {
  const request = await getRequest(engine.database, requestId);
  if (request.threadId === threadId) return;
  throw new UsageError(
    `Request ${requestId} is asked by another thread, ${request.threadId}: answer it there.`,
  );
}

/** Decisions about requests, and by interrupt id the values for interrupts of the graph's own, which pass as they are. */
interface GivenAnswers {
  readonly ours: readonly GivenDecision[];
  readonly others: Readonly<Record<string, unknown>>;
}

/** @param known - what is answered by now: the same value once more is nothing new. */
function answersTo(
  questions: readonly Question[],
  value: unknown,
  known: Readonly<Record<string, unknown>>,
): GivenAnswers {
  const byInterrupt = byInterruptId(value);
  const requestIds = questions.flatMap((question) => question.requestIds);
  if (!byInterrupt && questions.length > 1 && !isByRequestId(value, requestIds)) {
    throw new UsageError("The thread asks more than one question: answer by interrupt id.");
  }
  const ours: GivenDecision[] = [];
  const others: Record<string, unknown> = {};
  for (const [interruptId, answer] of byInterrupt ?? [[questions[0]?.interruptId ?? "", value] as const]) {
    const question = questions.find((asked) => asked.interruptId === interruptId);
    if (question?.own && !namesOneOf(question.requestIds, answer)) {
      others[interruptId] = answer;
      if (!isKnown(known, interruptId, answer)) {
        ours.push({ requestId: question.own.id, decision: rawDecision(answer) });
      }
    } else ours.push(...decisionsIn(answer, question, questions, interruptId));
  }
  return { ours, others };
}

/** Decisions about requests of our gates, or about one of the graph's own by its request's id. */
function decisionsIn(
  answer: unknown,
  question: Question | undefined,
  questions: readonly Question[],
  interruptId: string,
): GivenDecision[] {
  const requestIds = questions.flatMap((asked) => asked.requestIds);
  if (isByRequestId(answer, requestIds)) return parseDecisions(answer, requestIds);
  if (question) return parseDecisions(answer, question.requestIds);
  throw notAsked(questions, interruptId);
}

/** Whether an interrupt of the graph's own has this value for its answer already. */
function isKnown(known: Readonly<Record<string, unknown>>, interruptId: string, value: unknown): boolean {
  return Object.hasOwn(known, interruptId) && isDeepStrictEqual(known[interruptId], plainJson(value ?? null));
}

function namesOneOf(requestIds: readonly string[], answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && requestIds.some((id) => Object.hasOwn(answer, id));
}

/** A client's value for an interrupt of the graph's own, as its request keeps it. */
function rawDecision(value: unknown): Decision {
  return parseDecision({ type: "respond", value: value ?? null }, "");
}

function notAsked(questions: readonly Question[], interruptId: string): UsageError {
  return questions.length === 0
    ? new ThreadBusyError("The thread waits for nothing that could be answered.")
    : new UsageError(`The thread does not ask ${interruptId}, or does so no longer.`);
}

/** LangGraph takes an object for a map by interrupt id when every key looks like one. */
function byInterruptId(resume: unknown): (readonly [string, unknown])[] | undefined {
  if (typeof resume !== "object" || resume === null || Array.isArray(resume)) return undefined;
  const entries = Object.entries(resume);
  const isMap = entries.length > 0 && entries.every(([key]) => /^[0-9a-f]{32}$/.test(key));
  return isMap ? entries : undefined;
}
