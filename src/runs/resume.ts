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

/** A thread's interrupts, and a client's value to resume them. */
export interface Resume {
  readonly threadId: string;
  readonly questions: readonly Question[];
  /** The value of `Command({ resume })`: an answer, or answers by interrupt id. */
  readonly value: unknown;
  readonly answerer: Answerer;
}

/**
 * Records a client's answers, in every form that LangGraph clients use, before LangGraph sees them: LangGraph would store a
 * wrong answer and continue with it. Finds a request by our id even when its interrupt has a new id.
 *
 * @returns the value that resumes LangGraph: all recorded answers, by interrupt id.
 * @throws UsageError for a wrong or late answer, or when there is no answer to continue with. Nothing has changed then.
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
  throw new ThreadBusyError(`Thread ${threadId} has already continued with that answer; ${still}.`);
}

async function checkAsked(engine: Engine, threadId: string, requestId: string): Promise<void> {
  const request = await getRequest(engine.database, requestId);
  if (request.threadId === threadId) return;
  throw new UsageError(
    `Request ${requestId} belongs to another thread, ${request.threadId}: answer it there.`,
  );
}

/** Decisions about requests, and raw values for interrupts of the graph itself, by interrupt id. */
interface GivenAnswers {
  readonly ours: readonly GivenDecision[];
  readonly others: Readonly<Record<string, unknown>>;
}

/** @param known - the recorded answers: the same value again is not recorded. */
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

/** Decisions about requests of our gates, or about a request of the graph itself by its id. */
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

/** Whether an interrupt of the graph itself already has this answer. */
function isKnown(known: Readonly<Record<string, unknown>>, interruptId: string, value: unknown): boolean {
  return Object.hasOwn(known, interruptId) && isDeepStrictEqual(known[interruptId], plainJson(value ?? null));
}

function namesOneOf(requestIds: readonly string[], answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && requestIds.some((id) => Object.hasOwn(answer, id));
}

/** The decision for a client's raw value. */
function rawDecision(value: unknown): Decision {
  return parseDecision({ type: "respond", value: value ?? null }, "");
}

function notAsked(questions: readonly Question[], interruptId: string): UsageError {
  return questions.length === 0
    ? new ThreadBusyError("The thread does not wait for an answer.")
    : new UsageError(
        `The thread has no open interrupt ${interruptId}: read its state again for the open ones.`,
      );
}

/** LangGraph takes an object for a map by interrupt id when every key looks like one. */
function byInterruptId(resume: unknown): (readonly [string, unknown])[] | undefined {
  if (typeof resume !== "object" || resume === null || Array.isArray(resume)) return undefined;
  const entries = Object.entries(resume);
  const isMap = entries.length > 0 && entries.every(([key]) => /^[0-9a-f]{32}$/.test(key));
  return isMap ? entries : undefined;
}
