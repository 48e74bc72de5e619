import { z } from "zod";
import type { Decision } from "./decision.ts";
import type { RequestKind } from "./request.ts";

/** The longest that a request waits before it is answered by default: a year. */
const MOST_SECONDS = 366 * 86_400;

/** How long a request waits for a human, and what is answered for them then. */
export const deadlineSchema = z.object({
  seconds: z.number().positive().max(MOST_SECONDS),
  answer: z.enum(["approve", "reject"]),
});
export type Deadline = z.infer<typeof deadlineSchema>;

const NOBODY = "Nobody answered in time.";

/**
 * The decision that stands in for a human's at a deadline, or undefined when such a request waits for as long as it takes:
 * none spends money that a human has not allowed, so budgets and failures are at most given up.
 */
export function defaultDecision(kind: RequestKind, answer: Deadline["answer"]): Decision | undefined {
  if (kind === "question") return { type: "respond", message: `${NOBODY} Say what you assume, and go on.` };
  // A reason would have plan or result made anew, which costs.
  if (answer === "reject")
    return { type: "reject", message: kind === "plan" || kind === "result" ? "" : NOBODY };
  return kind === "budget" || kind === "failure" ? undefined : { type: "approve" };
}
