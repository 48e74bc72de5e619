import type { Json } from "./json.ts";
import type { TaskStatus } from "./task.ts";

/** The parts of a run that call Claude. */
export const PHASES = ["plan", "agents", "synthesis"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * The progress of a run, on LangGraph's `custom` stream: enough for a live list with costs. The rows in Postgres are the
 * source of truth.
 */
export type ProgressEvent =
  | {
      readonly type: "planned";
      readonly tasks: readonly { id: string; agent: string; description: string }[];
      /** The estimated cost; absent when unknown. */
      readonly estimateUsd?: number;
    }
  | {
      readonly type: "task";
      readonly id: string;
      readonly agent: string;
      readonly status: TaskStatus;
      readonly summary: string | null;
      readonly error: string | null;
      readonly costUsd: number;
      readonly ms: number | null;
    }
  | { readonly type: "call"; readonly phase: Phase; readonly taskId: string; readonly costUsd: number }
  | { readonly type: "text"; readonly phase: Phase; readonly taskId: string; readonly text: string }
  | {
      /** A tool call begins or has ended; `summary` shortens its input or its result. */
      readonly type: "tool";
      readonly phase: Phase;
      readonly taskId: string;
      readonly id: string;
      readonly name: string;
      readonly status: "running" | "done" | "failed";
      readonly summary: string;
    }
  /** An agent's own report of its progress, from a block in its text. */
  | {
      readonly type: "progress";
      readonly phase: "agents";
      readonly taskId: string;
      readonly status: string;
      readonly progress: Json;
    }
  | { readonly type: "note"; readonly phase: Phase; readonly taskId: string; readonly text: string };
