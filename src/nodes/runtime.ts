import { setMaxListeners } from "node:events";
import type { Claude } from "../calls/purpose.ts";
import type { ChangeSignal } from "../domain/change-signal.ts";
import { UsageError } from "../domain/errors.ts";
import type { ProgressEvent } from "../domain/event.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Database } from "../postgres/database.ts";
import type { Slots } from "../postgres/slots.ts";
import type { Confinement } from "../processes/confinement.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import type { ThreadTools } from "../tools/thread-tools.ts";
import type { Workspace } from "../tools/workspace.ts";
import type { AgentScope } from "./agent-scope.ts";
import type { StartLimiter } from "./start-limiter.ts";

/** Limits for the lanes of a thread. */
export interface LaneLimits {
  /** Agents in parallel, 1 to 10. */
  readonly parallel: number;
  readonly slots: Slots;
  readonly startLimiter: StartLimiter;
  /** Announces the end of a task. */
  readonly changes: ChangeSignal;
}

/** The memory limits for processes of attempts. */
export interface AttemptMemory {
  /** The limit of one attempt, in MB. */
  readonly limitMb: number;
  /** The gate for the machine's free memory. */
  readonly gate: MemoryGate;
}

/** The thread of a run, for its nodes. It exists only during the run. */
export interface ActiveThread {
  readonly id: string;
  readonly options: ThreadOptions;
  readonly database: Database;
  readonly claude: Claude;
  readonly scope: AgentScope;
  readonly tools: ThreadTools;
  /** Opens the folder of the thread's agents. @throws ToolError when it is not there. */
  openWorkspace(): Promise<Workspace>;
  readonly memory: AttemptMemory;
  readonly confinement: Confinement;
  readonly lanes: LaneLimits;
  /** Work that must end before the thread is released. LangGraph does not wait for it when a run is stopped. */
  readonly underWay: Set<Promise<unknown>>;
  /** Aborted when the engine is closed: no node may use it any more. */
  readonly closed: AbortSignal;
}

/** The part of LangGraph's node context that our nodes use. */
export interface NodeContext {
  readonly configurable?: Readonly<Record<string, unknown>>;
  readonly executionInfo?: { readonly taskId: string };
  readonly signal?: AbortSignal;
  readonly writer?: (chunk: unknown) => void;
}

/** The key of the thread in a run's configuration. LangGraph passes it to every node, and does not checkpoint it. */
const THREAD = "__decurion_thread";

/** Adds the thread to a run's configuration. */
export function withThread(
  configurable: NodeContext["configurable"],
  thread: ActiveThread,
): NonNullable<NodeContext["configurable"]> {
  return { ...configurable, [THREAD]: thread };
}

/** @throws UsageError when the node runs outside a workflow, or after its Decurion was closed. */
export function activeThread({ configurable }: NodeContext): ActiveThread {
  const thread = configurable?.[THREAD];
  if (isThread(thread)) {
    thread.closed.throwIfAborted();
    return thread;
  }
  throw new UsageError(
    "This node runs outside a Decurion workflow: make its graph with defineGraph() or with the workflow() of createDecurion().",
  );
}

/** The database of the run that a configuration belongs to; undefined outside of a run. */
export function databaseOfRun({ configurable }: NodeContext): Database | undefined {
  const thread = configurable?.[THREAD];
  return isThread(thread) ? thread.database : undefined;
}

function isThread(value: unknown): value is ActiveThread {
  return typeof value === "object" && value !== null && "underWay" in value;
}

/** The thread's checkpoint from which the node started, also in a subgraph. It may not be written yet. */
export function checkpointOf({ configurable }: NodeContext): string | undefined {
  const byNamespace: unknown = configurable?.["checkpoint_map"];
  const id = typeof byNamespace === "object" && byNamespace !== null && "" in byNamespace && byNamespace[""];
  return typeof id === "string" ? id : undefined;
}

/** Does work for a thread. The thread is not released before the work ends. */
export async function whileActive<T>({ underWay }: ActiveThread, work: () => Promise<T>): Promise<T> {
  const done = work();
  underWay.add(done);
  try {
    return await done;
  } finally {
    underWay.delete(done);
  }
}

/** Sends events to the run's stream. */
export function progressOf({ writer }: NodeContext): (event: ProgressEvent) => void {
  return writer ?? (() => undefined);
}

const NEVER = new AbortController().signal;

/** The run's signal; a signal that never aborts when LangGraph gives none. */
export function signalOf({ signal = NEVER }: NodeContext): AbortSignal {
  setMaxListeners(0, signal); // Ten lanes and their calls listen to it, which is no leak.
  return signal;
}
