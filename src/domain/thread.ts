import type { CallTotals } from "./call.ts";
import type { Phase } from "./event.ts";
import type { TaskStatus, ThreadStatus } from "./task.ts";
import type { ThreadOptions } from "./thread-options.ts";

/** One workflow run with the options of its start. Money in USD, instants in ISO 8601. */
export interface Thread {
  readonly id: string;
  readonly graph: string;
  readonly status: ThreadStatus;
  readonly input: string;
  readonly options: ThreadOptions;
  readonly output: string | null;
  readonly error: string | null;
  /** Whether the bundled simulator answers, at no cost. */
  readonly simulated: boolean;
  readonly budgetUsd: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
}

/** The number of tasks in each status. */
export type TaskCounts = Readonly<Record<TaskStatus, number>>;

/** A thread in a list, its input cut to 200 characters. */
export interface ThreadRow extends Omit<Thread, "options" | "output" | "error"> {
  readonly costUsd: number;
  readonly tasks: TaskCounts;
  /** Requests that wait for a human. */
  readonly waiting: number;
}

/** The wall time of each phase and of the thread in ms, and the most agents in parallel. */
export interface Timing {
  readonly phasesMs: Readonly<Record<Phase, number>>;
  readonly peakParallel: number;
  readonly wallMs: number;
}

/** A thread with the totals of its calls. */
export interface ThreadView extends Thread, CallTotals {
  /** Whether a process runs it now. */
  readonly isRun: boolean;
}
