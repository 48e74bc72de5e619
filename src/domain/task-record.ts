import type { EmotionalState } from "./agent-result.ts";
import type { Tokens } from "./call.ts";
import type { TaskStatus } from "./task.ts";

/** A task of a thread with its result so far. Money in USD, durations in ms, instants in ISO 8601. */
export interface TaskRecord {
  /** Unique among the tasks of its `execution`. */
  readonly id: string;
  /** The node that runs it; null for old rows without a node. */
  readonly execution: string | null;
  readonly agent: string;
  readonly description: string;
  readonly prompt: string;
  readonly status: TaskStatus;
  /** Its depth in the plan, from 0. */
  readonly wave: number;
  readonly dependsOn: readonly string[];
  /** The number of its lane, from 1; null until it starts. */
  readonly lane: number | null;
  /** The model that answered; before an answer, the model in the plan. */
  readonly model: string | null;
  /** The attempts so far, and whether one was on a stronger model. */
  readonly attempts: number;
  readonly escalated: boolean;
  readonly tokens: Tokens;
  /** Its cost in its own execution: a fork replays earlier answers at no cost. */
  readonly costUsd: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** Its duration; null until it ends. */
  readonly ms: number | null;
  readonly summary: string | null;
  readonly output: string | null;
  /** The agent's own estimate, 0 to 1. */
  readonly confidence: number | null;
  readonly error: string | null;
  readonly emotionalState: EmotionalState | null;
}

/** A task in a list: without the long texts, `summary` and `error` cut to 500 characters. */
export type TaskRow = Omit<TaskRecord, "prompt" | "output" | "confidence">;
