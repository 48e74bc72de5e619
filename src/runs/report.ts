import type { Json } from "../domain/json.ts";
import type { AnswerWay } from "../domain/request.ts";
import type { ThreadStatus } from "../domain/task.ts";
import type { Database } from "../postgres/database.ts";
import {
  type CallTotals,
  callTotals,
  reportTasks,
  type TaskReport,
  type Timing,
  timing,
} from "../postgres/report.ts";
import { answerDue, type HumanRequest, listRequests } from "../postgres/requests.ts";
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
    readonly kind: string;
    readonly task: string | null;
    readonly summary: string;
    /** When it is answered by default, if ever. */
    readonly deadlineAt?: string;
  }[];
  /** What humans decided, or was decided for them, oldest first. */
  readonly answers: readonly AnswerReport[];
  readonly budgetUsd: number;
}

/** A decision and who made it. `decision` is the answer as it was given. */
export interface AnswerReport {
  readonly id: string;
  readonly kind: string;
  readonly task: string | null;
  readonly decision: Json;
  readonly answeredBy: string | null;
  readonly answeredVia: AnswerWay | null;
  readonly answeredAt: string | null;
}

/** Requests of a thread that a report names at most. */
const REQUESTS = 1000;

/**
 * The report of a thread as its rows say it now.
 *
 * @throws UsageError when there is no such thread.
 */
export async function reportThread(database: Database, threadId: string): Promise<Report> {
  const thread = await getThread(database, threadId);
  await answerDue(database);
  const [tasks, requests, totals, times] = await Promise.all([
    reportTasks(database, thread.id),
    listRequests(database, thread.id, REQUESTS),
    callTotals(database, thread.id),
    timing(database, thread.id),
  ]);
  const waiting = requests.flatMap(({ id, kind, taskId: task, summary, status: stand, deadlineAt }) =>
    stand === "open" ? { id, kind, task, summary, ...(deadlineAt !== null && { deadlineAt }) } : [],
  );
  const { graph, status, simulated, input, output, error, budgetUsd } = thread;
  return {
    thread: thread.id,
    graph,
    status,
    simulated,
    input,
    output,
    error,
    tasks,
    waiting,
    answers: requests.flatMap(answerOf),
    costUsd: totals.costUsd,
    budgetUsd,
    tokens: totals.tokens,
    calls: totals.calls,
    peakParallel: times.peakParallel,
    phasesMs: times.phasesMs,
    wallMs: times.wallMs,
  };
}

function answerOf(request: HumanRequest): AnswerReport | [] {
  const { id, kind, taskId: task, answer: decision, answeredBy, answeredVia, answeredAt } = request;
  return decision === null ? [] : { id, kind, task, decision, answeredBy, answeredVia, answeredAt };
}
