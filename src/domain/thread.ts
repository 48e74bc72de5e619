import type { CallTotals } from "./call.ts";
import type { Phase } from "./event.ts";
import type { TaskStatus, ThreadStatus } from "./task.ts";
import type { ThreadOptions } from "./thread-options.ts";

/** One workflow run. Money in USD, instants in ISO 8601. `options` is what it was started with. */
export interface Thread {
  readonly id: string;
  readonly graph: string;
  readonly status: ThreadStatus;
  readonly input: string;
  readonly options: ThreadOptions;
  readonly output: string | null;
  readonly error: string | null;
  /** Whether the bundled simulator answers: nothing is paid then. */
  readonly simulated: boolean;
  readonly budgetUsd: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt: string | null;
}

/** How many tasks are in each status. */
export type TaskCounts = Readonly<Record<TaskStatus, number>>;

/** A thread in a list, with at most 200 characters of its input. */
export interface ThreadRow extends Omit<Thread, "options" | "output" | "error"> {
  readonly costUsd: number;
  readonly tasks: TaskCounts;
  /** Requests that wait for a human. */
  readonly waiting: number;
}

/** Wall time in ms: of each phase, and of the thread; and at most how many agents ran at one moment. */
export interface Timing {
  readonly phasesMs: Readonly<Record<Phase, number>>;
  readonly peakParallel: number;
  readonly wallMs: number;
}

/** A thread as it stands: its own facts and what its calls cost. */
export interface ThreadView extends Thread, CallTotals {
  /** Whether some process runs it now. */
  readonly isRun: boolean;
}
