import type { RequestKind } from "../core/request-kinds.ts";
import type { ThreadStatus } from "../core/tasks.ts";
import type { Database } from "../postgres/database.ts";
import {
  type CallTotals,
  callTotals,
  reportTasks,
  type TaskReport,
  type Timing,
  timing,
} from "../postgres/report.ts";
import { openRequests } from "../postgres/requests.ts";
import { getThread } from "../postgres/threads.ts";

/** All that there is to say of a thread: the one document that `--json` prints. Money in USD, times in ms. */
export interface Report extends CallTotals, Timing {
  readonly thread: string;
  readonly graph: string;
  readonly status: ThreadStatus;
  readonly simulated: boolean;
  readonly input: string;
  readonly output: string | null;
  readonly error: string | null;
  readonly tasks: readonly TaskReport[];
  readonly waiting: readonly {
    readonly id: string;
    readonly kind: RequestKind;
    readonly task: string | null;
    readonly summary: string;
  }[];
  readonly budgetUsd: number;
}

/**
 * The report of a thread as its rows say it now.
 *
 * @throws UsageError when there is no such thread.
 */
export async function reportThread(database: Database, threadId: string): Promise<Report> {
  const thread = await getThread(database, threadId);
  const [tasks, requests, totals, times] = await Promise.all([
    reportTasks(database, thread.id),
    openRequests(database, thread.id),
    callTotals(database, thread.id),
    timing(database, thread.id),
  ]);
  const waiting = requests.map(({ id, kind, taskId, summary }) => ({ id, kind, task: taskId, summary }));
  const { graph, status, simulated, input, output, error, budgetUsd } = thread;
  return {
    ...{ thread: thread.id, graph, status, simulated, input, output, error, tasks, waiting },
    ...{ costUsd: totals.costUsd, budgetUsd, tokens: totals.tokens, calls: totals.calls },
    ...{ peakParallel: times.peakParallel, phasesMs: times.phasesMs, wallMs: times.wallMs },
  };
}
