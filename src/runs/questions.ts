import { z } from "zod";
import { parseDecision } from "../domain/decision.ts";
import type { Json } from "../domain/json.ts";
import type { Database } from "../postgres/database.ts";
import { askHuman, findRequests, type NewRequest, reopenRequests } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { withDeadline } from "../requests/deadline.ts";
import { interruptKind, interruptRequest } from "../requests/interrupt.ts";
import type { GraphState } from "./graph.ts";

/** An interrupt which waits for a human, by LangGraph's id, and the requests it asks by our ids. */
export interface Question {
  readonly interruptId: string;
  readonly requestIds: readonly string[];
  /** The request that stands for an interrupt of the graph's own, which did not record one. */
  readonly own?: NewRequest;
}

/** What our gates interrupt with. */
const payloadSchema = z.looseObject({
  requests: z.array(z.looseObject({ id: z.string() })).min(1),
  actionRequests: z.array(z.unknown()),
});

/** What a thread's state waits for. */
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

/** Asks humans what interrupts of the graph's own ask. Done twice it changes nothing. */
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

/** Asks the graph's own questions once more: an answer did not fit the schema that its interrupt asks for. */
export async function askAgain(database: Database, state: GraphState): Promise<void> {
  const own = questionsOf(state).filter((question) => question.own !== undefined);
  await reopenRequests(
    database,
    own.flatMap(({ requestIds }) => requestIds),
  );
}

/** What humans have answered by now of what a thread asks, as LangGraph is resumed with it, and what is still open. */
export interface Standing {
  /** By interrupt id: decisions by request id, or the value for an interrupt of the graph's own. Empty when nothing was answered. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Ids of requests which nobody has answered. */
  readonly waitingFor: readonly string[];
}

/** Of an interrupt with several requests some may be answered: then the thread goes on with those. */
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
