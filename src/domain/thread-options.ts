import { z } from "zod";
import { MAX_PARALLEL } from "./config.ts";
import { deadlineSchema } from "./deadline.ts";
import { data } from "./reach.ts";
import { ASK_POLICIES } from "./tool-policy.ts";

/** What commands reach: nothing outside of their sandbox, or what this machine reaches. */
export const NETWORKS = ["none", "shared"] as const;
export type Network = (typeof NETWORKS)[number];

/**
 * The options of one run. They are LangGraph's `context` of the run, from which Studio makes a form, and are stored with the
 * thread, so that a resume in another process uses the same ones. `requests/` adds the kinds for `autoApprove` and `ask`. Options
 * that are not marked as `data` reach code: the network cannot send them.
 */
export const anyThreadOptionsSchema = z.object({
  parallel: data(
    z
      .number()
      .int()
      .min(1)
      .max(MAX_PARALLEL)
      .optional()
      .describe("Agents in parallel, 1 to 10; default: the PARALLEL setting (8)."),
  ),
  batch: data(
    z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        "Tasks in a batch: the next batch begins when all tasks of this one have ended; default: no batches.",
      ),
  ),
  profile: data(
    z
      .enum(["conservative"])
      .optional()
      .describe("conservative: two agents in parallel, started five minutes apart."),
  ),
  budgetUsd: data(z.number().positive().optional().describe("Budget of the thread in USD; default: 0.30.")),
  taskBudgetUsd: data(
    z.number().positive().optional().describe("Budget of each task in USD; default: none."),
  ),
  escalation: data(
    z
      .boolean()
      .optional()
      .describe("Whether a task that failed five times is tried on a stronger model; default: true."),
  ),
  model: data(z.string().optional().describe("Model for all agents: haiku, sonnet, opus or a full id.")),
  agentsDir: z.string().optional().describe("Folder with more agent definitions (Markdown files)."),
  tools: z.string().optional().describe("TypeScript module with tools for the agents."),
  synthesis: data(
    z.boolean().optional().describe("Join the results into one answer at the end; default: true."),
  ),
  autoApprove: z.array(z.string()).optional(),
  workspace: z
    .string()
    .optional()
    .describe("Folder for the agents' tools; default: a folder for this thread alone."),
  network: data(
    z
      .enum(NETWORKS)
      .optional()
      .describe("Network of the commands that agents write, in the sandbox: none (default) or shared."),
    (network) => (network === "shared" ? "code" : "data"),
  ),
  ask: z.record(z.string(), z.enum(ASK_POLICIES).optional()).optional(),
  deadline: data(
    deadlineSchema
      .optional()
      .describe(
        "Seconds until a request gets a default answer, and that answer. A default answer never spends money.",
      ),
    (deadline) => (deadline?.answer === "approve" ? "code" : "data"),
  ),
  executor: data(
    z
      .string()
      .optional()
      .describe(
        "The driver of all agents; default: the one in the agent's file, else the Messages API. simulated: the bundled simulator answers, at no cost.",
      ),
  ),
});
export type ThreadOptions = z.infer<typeof anyThreadOptionsSchema>;
