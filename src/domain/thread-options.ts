import { z } from "zod";
import { askPolicySchema } from "./ask-policy.ts";
import { MAX_PARALLEL } from "./config.ts";
import { deadlineSchema } from "./deadline.ts";

/** What `--auto-approve` may approve. It never raises a budget and never settles a failure. */
export const APPROVAL_KINDS = ["plan", "tool", "result"] as const;
export type ApprovalKind = (typeof APPROVAL_KINDS)[number];

/**
 * How one run differs from the defaults. It is LangGraph's `context` of a run (Studio draws a form from it)
 * and is kept with the thread, so that a resume in another process goes on under the same rules.
 */
export const threadOptionsSchema = z.object({
  parallel: z
    .number()
    .int()
    .min(1)
    .max(MAX_PARALLEL)
    .optional()
    .describe("Agents that run at once, 1 to 10; default: the PARALLEL setting (8)."),
  batch: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe("So many tasks begin, all of them end, then the next so many begin; default: no barrier."),
  profile: z
    .enum(["conservative"])
    .optional()
    .describe("conservative: two agents at once, which start five minutes apart."),
  budgetUsd: z.number().positive().optional().describe("Budget of the thread in USD; default: 0.30."),
  taskBudgetUsd: z.number().positive().optional().describe("Budget of each task in USD; default: none."),
  escalation: z
    .boolean()
    .optional()
    .describe("Whether a task that failed five times is tried on a stronger model; default: true."),
  model: z.string().optional().describe("Model for all agents: haiku, sonnet, opus or a full id."),
  agentsDir: z.string().optional().describe("Folder with further agent definitions (Markdown files)."),
  tools: z.string().optional().describe("TypeScript module whose tools agents may use by name."),
  synthesis: z.boolean().optional().describe("Join the results into one answer at the end; default: true."),
  autoApprove: z
    .array(z.enum(APPROVAL_KINDS))
    .optional()
    .describe("Kinds of requests that are approved without asking: plan, tool, result."),
  workspace: z
    .string()
    .optional()
    .describe("Folder that the agents' tools work in; default: one of the thread's own."),
  ask: askPolicySchema.optional().describe("What a human is asked about, by kind."),
  deadline: deadlineSchema
    .optional()
    .describe("Seconds after which what is asked counts as answered, and how. Nothing is bought by default."),
  executor: z
    .string()
    .optional()
    .describe(
      "The driver of all agents, by name; default: as their files say, else the Messages API. simulated: the bundled simulator answers, which costs nothing.",
    ),
});
export type ThreadOptions = z.infer<typeof threadOptionsSchema>;
