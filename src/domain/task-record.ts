import type { EmotionalState } from "./agent-result.ts";
import type { Tokens } from "./call.ts";
import type { TaskStatus } from "./task.ts";

/** A task of a thread and what came of it so far. Money in USD, durations in ms, instants in ISO 8601. */
export interface TaskRecord {
  /** Unique among the tasks of its `execution`. */
  readonly id: string;
  /** The node that runs it; null for a task older than the names of nodes. */
  readonly execution: string | null;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly status: TaskStatus;
  /** Its depth in the plan, from 0. */
  readonly wave: number;
  readonly dependsOn: readonly string[];
  /** Which of the parallel lanes took it, from 1; null until one did. */
  readonly lane: number | null;
  /** The model that answered, or until one did the model that the plan asks for. */
  readonly model: string | null;
  /** Attempts made, and whether one was on a stronger model. */
  readonly attempts: number;
  readonly escalated: boolean;
  readonly tokens: Tokens;
  /** What its execution paid for it: a fork replays for nothing what was paid before. */
  readonly costUsd: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** How long it ran; null until it has ended. */
  readonly ms: number | null;
  readonly summary: string | null;
  readonly output: string | null;
  /** The agent's own estimate, 0 to 1. */
  readonly confidence: number | null;
  readonly error: string | null;
  readonly emotionalState: EmotionalState | null;
}

/** A task in a list: without its long texts, and with at most 500 characters of `summary` and `error`. */
export type TaskRow = Omit<TaskRecord, "prompt" | "output" | "confidence">;
