import type { EmotionalState } from "../domain/agent-result.ts";
import type { Phase } from "../domain/event.ts";
import type { TaskStatus } from "../domain/task.ts";

export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

export interface TaskRow {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly status: TaskStatus;
  /** Its depth in the plan, from 0. */
  readonly wave: number;
  readonly dependsOn: readonly string[];
  /** Which of the parallel lanes took it, from 1; null until one did. */
  readonly lane: number | null;
  readonly model: string | null;
  /** Attempts made, and whether one was on a stronger model. */
  readonly attempts: number;
  readonly escalated: boolean;
  readonly tokens: Tokens;
  readonly costUsd: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** How long it ran; null until it has ended. */
  readonly ms: number | null;
  /** At most 500 characters. */
  readonly summary: string | null;
  readonly error: string | null;
  readonly emotionalState: EmotionalState | null;
}

/** An attempt that failed; one that succeeded is the task itself. */
export interface AttemptView {
  readonly attempt: number;
  readonly model: string;
  /** The class of failure, and the sentence that the next attempt is told. */
  readonly failure: string;
  readonly digest: string;
  readonly endedAt: string;
}

export interface CallView {
  readonly id: string;
  readonly phase: Phase;
  readonly attempt: number;
  readonly turn: number;
  readonly status: "reserved" | "committed" | "failed" | "unknown";
  readonly model: string;
  readonly tokens: Tokens;
  readonly costUsd: number;
  /** How often its answer was used again for nothing. */
  readonly replays: number;
  readonly error: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ms: number | null;
  /** What Claude said in it, at most 20,000 characters; null while there is no answer. */
  readonly text: string | null;
}

export interface ToolCallView {
  readonly id: string;
  readonly attempt: number;
  readonly turn: number;
  readonly name: string;
  /** `asked`: a human must decide about it first. */
  readonly status: "asked" | "running" | "done" | "failed" | "rejected";
  /** As JSON, at most 20,000 characters. */
  readonly input: string;
  /** At most 20,000 characters; null while it runs or waits. */
  readonly output: string | null;
  readonly isError: boolean;
  readonly startedAt: string | null;
  readonly ms: number | null;
}

export interface TaskDetail {
  readonly task: TaskRow;
  readonly prompt: string;
  readonly output: string | null;
  /** The agent's own estimate, 0 to 1. */
  readonly confidence: number | null;
  readonly attempts: readonly AttemptView[];
  readonly calls: readonly CallView[];
  readonly toolCalls: readonly ToolCallView[];
}
