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
 * What the control room's API under `/control/api` says and takes. Money in USD, durations in ms, instants in ISO 8601.
 * Text that agents wrote is hostile: it is to be shown as text, never as markup.
 *
 * | route | answer |
 * |---|---|
 * | `GET threads?limit&cursor&status&q` | `ThreadPage`, newest first |
 * | `POST threads` with `NewThreadBody` | `ThreadStarted`, 202 |
 * | `GET threads/:id` | `ThreadDetail` |
 * | `GET threads/:id/tasks/:task?execution` | `TaskDetail`; the task's id percent-encoded, and the node that runs it |
 * | `GET threads/:id/history?limit&before` | `CheckpointPage`, newest first |
 * | `POST threads/:id/resume` | `ThreadStarted`, 202 |
 * | `POST threads/:id/cancel` | `ThreadCancelled`, 202 |
 * | `POST threads/:id/fork` with `ForkBody` | `ThreadStarted`, 202: a fork is another branch of the same thread |
 * | `GET graphs` | `GraphList` |
 * | `GET graphs/:name` | `GraphView` |
 * | `GET requests?thread` | `RequestList`: what waits for a human, oldest first |
 * | `POST requests/:id/answer` with `AnswerBody` | `Answered` |
 * | `GET threads/:id/events`, `GET events` | server-sent events: `ThreadEvent`, `ListEvent` |
 *
 * Any other status than 200 and 202 comes with an `ApiError`.
 */
export interface ApiError {
  /** One sentence: what is wrong, for which id, and what to do. */
  readonly error: string;
}

export interface ThreadPage {
  readonly threads: readonly ThreadRow[];
  /** Give it as `cursor` for the next page; null on the last one. */
  readonly cursor: string | null;
}

export interface ThreadDetail {
  readonly thread: ThreadView;
  /** Of every node that ran some, in the order in which they did, each in its plan's order. */
  readonly tasks: readonly TaskRow[];
  /** Those that wait, and then those that were answered or withdrawn, newest first. */
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
  /** Those that failed; one that succeeded is the task itself. */
  readonly attempts: readonly Attempt[];
  readonly calls: readonly Call[];
  readonly toolCalls: readonly ToolCallRow[];
}

export interface CheckpointPage {
  readonly checkpoints: readonly Checkpoint[];
  /** Give it as `before` for older ones; null when there are none. */
  readonly before: string | null;
}

export interface GraphList {
  readonly graphs: readonly string[];
  /** The drivers that a run may choose for all its agents. */
  readonly drivers: readonly { readonly name: string; readonly label: string }[];
}

export interface GraphNodeView {
  /** `claude_executor:lane` is in the subgraph `claude_executor`. */
  readonly id: string;
  readonly label: string;
  /** The subgraph it is in; null for the graph's own nodes. */
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
  /** A plan's tasks, to run without asking Claude for one. */
  readonly tasks?: readonly unknown[];
  readonly options?: ThreadOptions;
}

export interface ForkBody {
  readonly checkpoint: string;
  /** Buys every answer anew instead of replaying what has not changed. */
  readonly fresh?: boolean;
}

/** A decision in any form that `POST requests/:id/answer` takes; `Decision` itself is best. */
export interface AnswerBody {
  readonly decision: Decision;
}

export interface Answered {
  readonly request: RequestView;
  /** Whether the thread goes on by it; false while it waits for other answers, too. */
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
 * What `GET threads/:id/events` sends; `event` is SSE's event name and the object is its data, as JSON. Every event is the
 * whole state of what it is about, so that one that comes twice, or in another order, does no harm. The first ones tell how
 * everything stands; after a reconnect with `Last-Event-ID` only what has changed since. A comment line keeps it alive.
 */
export type ThreadEvent =
  | { readonly event: "thread"; readonly data: ThreadView }
  /** Tasks or requests that were told before are no more, as after a fork: forget all; how everything stands follows. */
  | { readonly event: "reset"; readonly data: readonly [] }
  /** Tasks that are new or have changed. */
  | { readonly event: "tasks"; readonly data: readonly TaskRow[] }
  /** Requests that are new or have changed. */
  | { readonly event: "requests"; readonly data: readonly RequestView[] };

/** What `GET events` sends, likewise: of all threads the rows that changed, and of all requests those that did. */
export type ListEvent =
  | { readonly event: "threads"; readonly data: readonly ThreadRow[] }
  | { readonly event: "requests"; readonly data: readonly RequestView[] };
