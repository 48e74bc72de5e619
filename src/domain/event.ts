import type { Json } from "./json.ts";
import type { TaskStatus } from "./task.ts";

/** The parts of a run which cost money and time. */
export const PHASES = ["plan", "agents", "synthesis"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * What a run says of itself while it goes on, on LangGraph's `custom` stream: enough to draw a live list
 * and to show money as it is spent. The rows in Postgres are the truth; this is the news.
 */
export type ProgressEvent =
  | {
      readonly type: "planned";
      readonly tasks: readonly { id: string; agent: string; description: string }[];
      /** What it may come to; absent where nobody knows. */
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
      /** A tool call of an agent begins or has ended; `summary` is of its input or its result. */
      readonly type: "tool";
      readonly phase: Phase;
      readonly taskId: string;
      readonly id: string;
      readonly name: string;
      readonly status: "running" | "done" | "failed";
      readonly summary: string;
    }
  /** What an agent itself says of how far it is, in a block of its text. */
  | {
      readonly type: "progress";
      readonly phase: "agents";
      readonly taskId: string;
      readonly status: string;
      readonly progress: Json;
    }
  | { readonly type: "note"; readonly phase: Phase; readonly taskId: string; readonly text: string };
