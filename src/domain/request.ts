import type { Json } from "./json.ts";

/** How a request got its answer. `sdk`: from a client of the LangGraph server. */
export const ANSWER_WAYS = ["cli", "sdk", "page", "auto-approve", "deadline"] as const;
export type AnswerWay = (typeof ANSWER_WAYS)[number];

/** Who answers a request, if known: `user@host` in a terminal, the user's id on a server that has users. */
export interface Answerer {
  readonly by: string | null;
  readonly via: AnswerWay;
}

/** `withdrawn`: its thread ended or was forked, so no answer is needed. */
export type RequestStatus = "open" | "answered" | "withdrawn";

/**
 * A question to a human and its answer: who gave it, how and when. The id is ours and stays the same over restarts;
 * LangGraph's interrupt ids do not. Instants in ISO 8601.
 */
export interface HumanRequest {
  readonly id: string;
  readonly threadId: string;
  readonly kind: string;
  readonly taskId: string | null;
  readonly summary: string;
  readonly payload: Json;
  readonly status: RequestStatus;
  readonly askedAt: string;
  readonly answer: Json | null;
  readonly answeredBy: string | null;
  readonly answeredVia: AnswerWay | null;
  readonly answeredAt: string | null;
  /** When `defaultAnswer` becomes the answer of an open request. */
  readonly deadlineAt: string | null;
  readonly defaultAnswer: Json | null;
}
