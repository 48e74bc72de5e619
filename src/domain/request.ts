/** How a request got its answer. `sdk` stands for clients of the LangGraph server. */
export const ANSWER_WAYS = ["cli", "sdk", "page", "auto-approve", "deadline"] as const;
export type AnswerWay = (typeof ANSWER_WAYS)[number];

/** Who answers a request, as well as we know: `user@host` in a terminal, the user's id on a server that has users. */
export interface Answerer {
  readonly by: string | null;
  readonly via: AnswerWay;
}
