import { z } from "zod";
import { type Validator, validatorSchema } from "./validator.ts";

/** The statuses of a task. `blocked`: a dependency failed. */
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

/** The statuses of a thread. `partial`: the run ended but not every task completed. */
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

/** Whether a thread in this status has ended. */
export function isTerminal(status: ThreadStatus): boolean {
  return status === "completed" || status === "partial" || status === "failed" || status === "cancelled";
}

/** One piece of work for one agent. Its id is unique in its plan; `dependsOn` names ids of the same plan. */
export const taskSchema = z.strictObject({
  id: z.string(),
  agent: z.string().default("").describe("The agent's name; default: the agent that fits the task best."),
  description: z.string(),
  prompt: z.string(),
  dependsOn: z.array(z.string()).default([]),
  model: z.string().optional(),
  validate: validatorSchema.optional(),
});
export type Task = z.infer<typeof taskSchema>;

/** A task in the code of a graph. */
export interface TaskInput {
  readonly id: string;
  /** Default: the agent that fits the task best. */
  readonly agent?: string;
  readonly prompt: string;
  /** Default: the beginning of the prompt. */
  readonly description?: string;
  /** Ids of tasks that must complete first. The agent gets their results. */
  readonly dependsOn?: readonly string[];
  readonly model?: string;
  readonly validate?: Validator;
}

/** A finished task in the workflow state; the full result is in `agent_coordination.result`. */
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

/** The verdict by the tasks: all completed, `completed`; none, `failed`; else `partial`. Without tasks it is `completed`. */
export function verdictOf(statuses: readonly TaskStatus[]): Exclude<Verdict, "cancelled"> {
  const completed = statuses.filter((status) => status === "completed").length;
  if (completed === statuses.length) return "completed";
  return completed === 0 ? "failed" : "partial";
}
