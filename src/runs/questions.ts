import { z } from "zod";
import { parseDecision } from "../domain/decision.ts";
import type { Json } from "../domain/json.ts";
import type { Database } from "../postgres/database.ts";
import { askHuman, findRequests, type NewRequest, reopenRequests } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { withDeadline } from "../requests/deadline.ts";
import { interruptKind, interruptRequest } from "../requests/interrupt.ts";
import type { GraphState } from "./graph.ts";

/** An interrupt that waits for a human, with LangGraph's id, and its requests with our ids. */
export interface Question {
  readonly interruptId: string;
  readonly requestIds: readonly string[];
  /** The request for an interrupt of the graph itself, which has recorded none. */
  readonly own?: NewRequest;
}

/** The interrupt value of our gates. */
const payloadSchema = z.looseObject({
  requests: z.array(z.looseObject({ id: z.string() })).min(1),
  actionRequests: z.array(z.unknown()),
});

/** The open interrupts in a thread's state. */
export function questionsOf({ tasks, config }: GraphState): Question[] {
  const threadId = String(config.configurable?.["thread_id"] ?? "");
  return tasks
    .flatMap((task) => task.interrupts)
    .map(({ id: interruptId = "", value }) => {
      const payload = payloadSchema.safeParse(value);
      if (payload.success) return { interruptId, requestIds: payload.data.requests.map(({ id }) => id) };
      const own = interruptRequest(threadId, interruptId, value);
      return { interruptId, requestIds: [own.id], own };
    });
}

/** Records requests for interrupts of the graph itself. Idempotent. */
export async function askOwnQuestions(
  database: Database,
  threadId: string,
  questions: readonly Question[],
): Promise<void> {
  const requests = questions.flatMap(({ own }) => own ?? []);
  if (requests.length === 0) return;
  const { options } = await getThread(database, threadId);
  for (const request of requests) {
    await askHuman(database, withDeadline(interruptKind, options.deadline, request));
  }
}

/** Reopens the requests of the graph itself, after an answer that did not match the schema of its interrupt. */
export async function askAgain(database: Database, state: GraphState): Promise<void> {
  const own = questionsOf(state).filter((question) => question.own !== undefined);
  await reopenRequests(
    database,
    own.flatMap(({ requestIds }) => requestIds),
  );
}

/** The recorded answers of a thread, in the form that resumes LangGraph, and its open requests. */
export interface Standing {
  /** By interrupt id: decisions by request id, or the value for an interrupt of the graph itself. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Ids of the open requests. */
  readonly waitingFor: readonly string[];
}

/** Reads the answers. An interrupt may be answered in part: the thread then continues with that part. */
export async function standingOf(database: Database, questions: readonly Question[]): Promise<Standing> {
  const ids = questions.flatMap((question) => question.requestIds);
  const rows = new Map((await findRequests(database, ids)).map((request) => [request.id, request]));
  const answers: Record<string, unknown> = {};
  for (const { interruptId, requestIds, own } of questions) {
    const answered = requestIds.flatMap((id) => {
      const answer = rows.get(id)?.answer ?? null;
      return answer === null ? [] : [[id, answer] as const];
    });
    const [first] = answered;
    if (first) answers[interruptId] = own ? valueFrom(first) : Object.fromEntries(answered);
  }
  return { answers, waitingFor: ids.filter((id) => (rows.get(id)?.answer ?? null) === null) };
}

function valueFrom([id, answer]: readonly [string, Json]): unknown {
  return interruptKind.resumeWith(parseDecision(answer, id));
}
