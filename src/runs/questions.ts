import { z } from "zod";
import type { Database } from "../postgres/database.ts";
import { findRequests } from "../postgres/requests.ts";
import type { GraphState } from "./graph.ts";

/** An interrupt of ours which waits for a human, by LangGraph's id, and the requests it asks by our ids. */
export interface Question {
  readonly interruptId: string;
  readonly requestIds: readonly string[];
}

const payloadSchema = z.looseObject({ requests: z.array(z.looseObject({ id: z.string() })) });

/** What a thread's state waits for. An interrupt that is not of our making has no requests. */
export function questionsOf(state: GraphState): Question[] {
  return state.tasks
    .flatMap((task) => task.interrupts)
    .map(({ id, value }) => {
      const payload = payloadSchema.safeParse(value);
      return {
        interruptId: id ?? "",
        requestIds: payload.success ? payload.data.requests.map((request) => request.id) : [],
      };
    });
}

/** What humans have answered by now of what a thread asks, as LangGraph is resumed with it, and what is still open. */
export interface Standing {
  /** By interrupt id, the decisions by request id. Empty when nothing was answered. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Ids of requests which nobody has answered. */
  readonly waitingFor: readonly string[];
}

/** Of an interrupt with several requests some may be answered: then the thread goes on with those. */
export async function standingOf(database: Database, questions: readonly Question[]): Promise<Standing> {
  const ids = questions.flatMap((question) => question.requestIds);
  const rows = new Map((await findRequests(database, ids)).map((request) => [request.id, request]));
  const answers: Record<string, unknown> = {};
  for (const { interruptId, requestIds } of questions) {
    const answered = requestIds.flatMap((id) => {
      const answer = rows.get(id)?.answer ?? null;
      return answer === null ? [] : [[id, answer] as const];
    });
    if (answered.length > 0) answers[interruptId] = Object.fromEntries(answered);
  }
  return { answers, waitingFor: ids.filter((id) => (rows.get(id)?.answer ?? null) === null) };
}
