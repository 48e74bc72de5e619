import { z } from "zod";
import { type Validator, validatorSchema } from "./validator.ts";

/** How a task stands. `blocked`: something it depends on failed. */
export const TASK_STATUSES = [
  "pending",
  "running",
  "waiting",
  "completed",
  "failed",
  "blocked",
  "cancelled",
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** How a thread stands. `partial`: the run ended but not every task completed. */
export const THREAD_STATUSES = [
  "queued",
  "running",
  "waiting",
  "completed",
  "partial",
  "failed",
  "cancelled",
] as const;
export type ThreadStatus = (typeof THREAD_STATUSES)[number];

/** Whether nothing more happens to a thread in this status without a new decision. */
export function isTerminal(status: ThreadStatus): boolean {
  return status === "completed" || status === "partial" || status === "failed" || status === "cancelled";
}

/** One piece of work for one agent. Its id is unique in its plan; `dependsOn` names ids of the same plan. */
export const taskSchema = z.strictObject({
  id: z.string(),
  agent: z.string().default("").describe("Who does it; where nobody is named, the agent that fits it best."),
  description: z.string(),
  prompt: z.string(),
  dependsOn: z.array(z.string()).default([]),
  model: z.string().optional(),
  validate: validatorSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** A task as the code of a graph gives it. */
export interface TaskInput {
  readonly id: string;
  /** Without one the task goes to the agent that fits it best. */
  readonly agent?: string;
  readonly prompt: string;
  /** Default: the prompt's beginning. */
  readonly description?: string;
  /** Ids of tasks that must be completed before, and whose results the agent gets. */
  readonly dependsOn?: readonly string[];
  readonly model?: string;
  readonly validate?: Validator;
}

/** What the workflow state keeps of a finished task; the full result is in `agent_coordination.result`. */
export const taskReferenceSchema = z.object({
  agent: z.string(),
  status: z.enum(TASK_STATUSES),
  summary: z.string().nullable(),
  error: z.string().nullable(),
});
export type TaskReference = z.infer<typeof taskReferenceSchema>;

/** How a thread ended. */
export const VERDICTS = ["completed", "partial", "failed", "cancelled"] as const;
export type Verdict = (typeof VERDICTS)[number];

/**
 * What a run that has ended is called. Every task completed: `completed`. None: `failed`. Else `partial`.
 * A run without tasks is judged by whoever ended it, so it is `completed` here.
 */
export function verdictOf(statuses: readonly TaskStatus[]): Exclude<Verdict, "cancelled"> {
  const completed = statuses.filter((status) => status === "completed").length;
  if (completed === statuses.length) return "completed";
  return completed === 0 ? "failed" : "partial";
}
