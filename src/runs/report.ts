import type { Json } from "../domain/json.ts";
import type { AnswerWay, HumanRequest } from "../domain/request.ts";
import type { TaskRecord } from "../domain/task-record.ts";
import type { ThreadView, Timing } from "../domain/thread.ts";
import { taskRecords } from "../postgres/agent-coordination/tasks.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue, listRequests } from "../postgres/requests.ts";
import { timing } from "../postgres/threads/timing.ts";
import { viewThread } from "../postgres/threads/view.ts";

/** A thread for people and for `--json`, which leaves out `open`. Its `thread` is the thread's id. */
export interface Report extends Omit<ThreadView, "id">, Timing {
  readonly thread: string;
  readonly tasks: readonly TaskRecord[];
  readonly waiting: readonly {
    readonly id: string;
    readonly kind: string;
    readonly task: string | null;
    readonly summary: string;
    /** When it gets its default answer, if ever. */
    readonly deadlineAt?: string;
  }[];
  /** The same requests, whole. */
  readonly open: readonly HumanRequest[];
  /** All decisions, including default ones, oldest first. */
  readonly answers: readonly AnswerReport[];
}

/** A decision and its origin. `decision` is the unchanged answer. */
export interface AnswerReport {
  readonly id: string;
  readonly kind: string;
  readonly task: string | null;
  readonly decision: Json;
  readonly answeredBy: string | null;
  readonly answeredVia: AnswerWay | null;
  readonly answeredAt: string | null;
}

/** The most requests in a report. */
const REQUESTS = 1000;

/**
 * Reads a thread's report.
 *
 * @throws UsageError when there is no such thread.
 */
export async function reportThread(database: Database, threadId: string): Promise<Report> {
  const { id, graph, status, simulated, input, output, error, ...facts } = await viewThread(
    database,
    threadId,
  );
  await answerDue(database);
  const [tasks, requests, times] = await Promise.all([
    taskRecords(database, id),
    listRequests(database, id, REQUESTS),
    timing(database, id),
  ]);
  const open = requests.filter((request) => request.status === "open");
  const waiting = open.map(({ id, kind, taskId: task, summary, deadlineAt }) => {
    return { id, kind, task, summary, ...(deadlineAt !== null && { deadlineAt }) };
  });
  const answers = requests.flatMap(answerOf);
  // In the order that is easiest to read.
  const about = { thread: id, graph, status, simulated, input, output, error };
  return { ...about, tasks, waiting, open, answers, ...facts, ...times };
}

function answerOf(request: HumanRequest): AnswerReport | [] {
  const { id, kind, taskId: task, answer: decision, answeredBy, answeredVia, answeredAt } = request;
  return decision === null ? [] : { id, kind, task, decision, answeredBy, answeredVia, answeredAt };
}
