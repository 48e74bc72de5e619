import { z } from "zod";

/** Whether a human is asked about a thing at all. */
export const askSchema = z.enum(["always", "never"]);
export type Ask = z.infer<typeof askSchema>;

/** Which things a run asks about; a graph's own choice where it does not say. Budgets and failures are always asked. */
export const askPolicySchema = z.object({
  plan: askSchema.optional().describe("The plan before it is run; default: always."),
  tool: z
    .enum(["always", "writes", "never"])
    .optional()
    .describe("Tool calls; writes: those that change something. An agent's file can only make it stricter."),
  result: askSchema.optional().describe("The answer before the run ends; default: never."),
  question: askSchema
    .optional()
    .describe("Whether agents may ask questions; default: those whose files list ask_human."),
});
export type AskPolicy = z.infer<typeof askPolicySchema>;
