import { z } from "zod";

/** The longest that a request waits before it is answered by default: a year. */
const MOST_SECONDS = 366 * 86_400;

/** How long a request waits for a human, and what is answered for them then. Its kind makes a decision of the answer. */
export const deadlineSchema = z.object({
  seconds: z.number().positive().max(MOST_SECONDS),
  answer: z.enum(["approve", "reject"]),
});
export type Deadline = z.infer<typeof deadlineSchema>;
