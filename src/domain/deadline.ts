import { z } from "zod";

/** The longest deadline: a year. */
const MOST_SECONDS = 366 * 86_400;

/** The time after which a request gets a default answer, and that answer. The request's kind turns it into a decision. */
export const deadlineSchema = z.object({
  seconds: z.number().positive().max(MOST_SECONDS),
  answer: z.enum(["approve", "reject"]),
});
export type Deadline = z.infer<typeof deadlineSchema>;
