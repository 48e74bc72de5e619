import { setMaxListeners } from "node:events";
import type { Claude } from "../calls/purpose.ts";
import type { ChangeSignal } from "../domain/change-signal.ts";
import { UsageError } from "../domain/errors.ts";
import type { ProgressEvent } from "../domain/event.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Database } from "../postgres/database.ts";
import type { Slots } from "../postgres/slots.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import type { ThreadTools } from "../tools/thread-tools.ts";
import type { AgentScope } from "./agent-scope.ts";
import type { StartLimiter } from "./start-limiter.ts";

/** When the lanes of a thread may take work. */
export interface LaneLimits {
  /** Agents in parallel, 1 to 10. */
  readonly parallel: number;
  readonly slots: Slots;
  readonly startLimiter: StartLimiter;
  /** Announced when a task has ended. */
  readonly changes: ChangeSignal;
}

/** The memory that the processes of attempts may take. */
export interface AttemptMemory {
  /** Of one attempt, in MB. */
  readonly limitMb: number;
  /** Of the machine. */
  readonly gate: MemoryGate;
}

/** All that nodes know of the thread they work for. It exists while the thread is being run. */
export interface ActiveThread {
  readonly id: string;
  readonly options: ThreadOptions;
  readonly database: Database;
  readonly claude: Claude;
  readonly scope: AgentScope;
  readonly tools: ThreadTools;
  readonly memory: AttemptMemory;
  readonly lanes: LaneLimits;
  /** Work that must end before the thread is released, also when LangGraph no longer waits for it. */
  readonly underWay: Set<Promise<unknown>>;
}

/** The part of LangGraph's node context that our nodes use. */
export interface NodeContext {
  readonly configurable?: Readonly<Record<string, unknown>>;
  readonly executionInfo?: { readonly taskId: string };
  readonly signal?: AbortSignal;
  readonly writer?: (chunk: unknown) => void;
}

/** Where a run's configuration carries its thread. LangGraph hands it to every node and keeps objects out of checkpoints. */
const THREAD = "__decurion_thread";

/** A run's configuration with the thread that its nodes work for. */
export function withThread(
  configurable: NodeContext["configurable"],
  thread: ActiveThread,
): NonNullable<NodeContext["configurable"]> {
  return { ...configurable, [THREAD]: thread };
}

/** @throws UsageError when the node runs outside a workflow. */
export function activeThread({ configurable }: NodeContext): ActiveThread {
  const thread = configurable?.[THREAD];
  if (isThread(thread)) return thread;
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

/** The checkpoint of the thread that the node began from, whatever subgraph it is in. It may be written a moment later. */
export function checkpointOf({ configurable }: NodeContext): string | undefined {
  const byNamespace: unknown = configurable?.["checkpoint_map"];
  const id = typeof byNamespace === "object" && byNamespace !== null && "" in byNamespace && byNamespace[""];
  return typeof id === "string" ? id : undefined;
}

/** Does work for a thread, which is not released before the work is over. */
export async function whileActive<T>({ underWay }: ActiveThread, work: () => Promise<T>): Promise<T> {
  const done = work();
  underWay.add(done);
  try {
    return await done;
  } finally {
    underWay.delete(done);
  }
}

/** Sends progress to those who follow the run. */
export function progressOf({ writer }: NodeContext): (event: ProgressEvent) => void {
  return writer ?? (() => undefined);
}

const NEVER = new AbortController().signal;

/** The run's signal; one that never fires where LangGraph gives none. */
export function signalOf({ signal = NEVER }: NodeContext): AbortSignal {
  setMaxListeners(0, signal); // Ten lanes listen to it, each with a call of its own: no leak to be warned of.
  return signal;
}
