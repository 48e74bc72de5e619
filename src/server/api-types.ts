import type { Attempt } from "../domain/attempt.ts";
import type { Call } from "../domain/call.ts";
import type { Checkpoint } from "../domain/checkpoint.ts";
import type { Decision } from "../domain/decision.ts";
import type { HumanRequest } from "../domain/request.ts";
import type { ThreadStatus } from "../domain/task.ts";
import type { TaskRecord, TaskRow } from "../domain/task-record.ts";
import type { ThreadRow, ThreadView } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { ToolCallRow } from "../domain/tool-call.ts";

export type { TaskCounts } from "../domain/thread.ts";
export type { Attempt, Call, Checkpoint, TaskRecord, TaskRow, ThreadRow, ThreadView, ToolCallRow };

import type { KindView } from "../requests/view.ts";

export type * from "../requests/view.ts";

/**
 * The control room's API under `/control/api`. Money in USD, durations in ms, instants in ISO 8601. Text from agents is
 * untrusted: show it as text, never as markup.
 *
 * | route | answer |
 * |---|---|
 * | `GET threads?limit&cursor&status&q` | `ThreadPage`, newest first |
 * | `POST threads` with `NewThreadBody` | `ThreadStarted`, 202 |
 * | `GET threads/:id` | `ThreadDetail` |
 * | `GET threads/:id/tasks/:task?execution` | `TaskDetail`; the percent-encoded task id, and the node that runs it |
 * | `GET threads/:id/history?limit&before` | `CheckpointPage`, newest first |
 * | `POST threads/:id/resume` | `ThreadStarted`, 202 |
 * | `POST threads/:id/cancel` | `ThreadCancelled`, 202 |
 * | `POST threads/:id/fork` with `ForkBody` | `ThreadStarted`, 202: a fork is another branch of the same thread |
 * | `GET graphs` | `GraphList` |
 * | `GET graphs/:name` | `GraphView` |
 * | `GET requests?thread` | `RequestList`: the open requests, oldest first |
 * | `POST requests/:id/answer` with `AnswerBody` | `Answered` |
 * | `GET threads/:id/events`, `GET events` | server-sent events: `ThreadEvent`, `ListEvent` |
 *
 * Every other status than 200 and 202 has an `ApiError` as its body.
 */
export interface ApiError {
  /** One sentence: the problem, the id, the action. */
  readonly error: string;
}

export interface ThreadPage {
  readonly threads: readonly ThreadRow[];
  /** The `cursor` of the next page; null on the last page. */
  readonly cursor: string | null;
}

export interface ThreadDetail {
  readonly thread: ThreadView;
  /** The tasks of all nodes, in the order of executions and plans. */
  readonly tasks: readonly TaskRow[];
  /** The open requests first, then the others, newest first. */
  readonly requests: readonly RequestView[];
}

/** A request, with the view of its payload in the payload's place. */
export interface RequestView extends Omit<HumanRequest, "payload" | "answer"> {
  /** What the request is about and its possible answers; null when it is no longer open. */
  readonly view: KindView | null;
  readonly allowed: readonly Decision["type"][];
  readonly answer: Decision | null;
}

export interface RequestList {
  readonly requests: readonly RequestView[];
}

export interface TaskDetail {
  readonly task: TaskRecord;
  /** The failed attempts. A successful attempt is recorded as the task itself. */
  readonly attempts: readonly Attempt[];
  readonly calls: readonly Call[];
  readonly toolCalls: readonly ToolCallRow[];
}

export interface CheckpointPage {
  readonly checkpoints: readonly Checkpoint[];
  /** The `before` of the next page; null on the last page. */
  readonly before: string | null;
}

export interface GraphList {
  readonly graphs: readonly string[];
  /** The drivers that a run may choose for all its agents. */
  readonly drivers: readonly { readonly name: string; readonly label: string }[];
}

export interface GraphNodeView {
  /** `claude_executor:lane` is a node of the subgraph `claude_executor`. */
  readonly id: string;
  readonly label: string;
  /** The subgraph; null for nodes of the graph itself. */
  readonly group: string | null;
  readonly description: string | null;
}

export interface GraphEdgeView {
  readonly source: string;
  readonly target: string;
  readonly label: string | null;
  readonly conditional: boolean;
}

export interface GraphView {
  readonly name: string;
  readonly nodes: readonly GraphNodeView[];
  readonly edges: readonly GraphEdgeView[];
}

export interface NewThreadBody {
  readonly graph: string;
  readonly input: string;
  /** The tasks of a plan. Default: Claude makes the plan. */
  readonly tasks?: readonly unknown[];
  readonly options?: ThreadOptions;
}

export interface ForkBody {
  readonly checkpoint: string;
  /** Whether to buy every answer again instead of replaying those of unchanged calls. */
  readonly fresh?: boolean;
}

/** The body of `POST requests/:id/answer`, which also accepts the other forms of a decision. */
export interface AnswerBody {
  readonly decision: Decision;
}

export interface Answered {
  readonly request: RequestView;
  /** Whether the thread continues; false while it waits for other answers. */
  readonly goesOn: boolean;
}

export interface ThreadStarted {
  readonly thread: string;
}

export interface ThreadCancelled {
  readonly thread: string;
  readonly status: ThreadStatus;
}

/**
 * The events of `GET threads/:id/events`: `event` is the SSE event name, `data` its JSON. Every event has the whole state of
 * its rows, so that duplicates or another order do no harm. The first events have the state of everything; after a reconnect
 * with `Last-Event-ID`, only the changes since. A comment line keeps the connection alive.
 */
export type ThreadEvent =
  | { readonly event: "thread"; readonly data: ThreadView }
  /** Tasks or requests were removed, as after a fork: forget everything; the whole state follows. */
  | { readonly event: "reset"; readonly data: readonly [] }
  /** New and changed tasks. */
  | { readonly event: "tasks"; readonly data: readonly TaskRow[] }
  /** New and changed requests. */
  | { readonly event: "requests"; readonly data: readonly RequestView[] };

/** The events of `GET events`: the changed threads and requests. */
export type ListEvent =
  | { readonly event: "threads"; readonly data: readonly ThreadRow[] }
  | { readonly event: "requests"; readonly data: readonly RequestView[] };
