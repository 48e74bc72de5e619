import { setMaxListeners } from "node:events";
import type { AgentRegistry } from "../agents/registry.ts";
import type { Driver } from "../attempts/driver.ts";
import type { Claude } from "../calls/purpose.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { ChangeSignal } from "../domain/change-signal.ts";
import { UsageError } from "../domain/errors.ts";
import type { Ladder } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Database } from "../postgres/database.ts";
import type { Slots } from "../postgres/slots.ts";
import type { MemoryGate } from "../processes/memory-gate.ts";
import type { ThreadTools } from "../tools/thread-tools.ts";
import type { StartLimiter } from "./start-limiter.ts";

/** All that nodes know of the thread they work for. It exists while the thread is being run. */
export interface ActiveThread {
  readonly id: string;
  readonly database: Database;
  readonly claude: Claude;
  readonly agents: AgentRegistry;
  readonly options: ThreadOptions;
  /** Whether plans may name commands that validate results. */
  readonly allowCommands: boolean;
  /** Memory that the processes of one attempt may have together. */
  readonly agentMemoryMb: number;
  readonly memoryGate: MemoryGate;
  /** Agents at once, 1 to 10. */
  readonly parallel: number;
  readonly tools: ThreadTools;
  /** @throws UsageError when an agent cannot have the tools that it asks for. */
  checkTools(agent: AgentDefinition): void;
  readonly slots: Slots;
  readonly startLimiter: StartLimiter;
  readonly changes: ChangeSignal;
  /** Work that is waited for before the thread is released, also when LangGraph no longer waits for it. */
  readonly underWay: Set<Promise<unknown>>;
  /**
   * The model for an agent's work: the task's own choice, else the run's, else the agent file's, else the
   * default.
   *
   * @throws UsageError for a model without a price.
   */
  modelFor(taskModel: string | null | undefined, agent: AgentDefinition): Model;
  /** The models that an agent's work is tried on, that one first. */
  ladderFor(taskModel: string | null | undefined, agent: AgentDefinition): Ladder;
  /**
   * Who makes an agent's attempts: the run's choice, else the agent file's, else our own loop.
   *
   * @throws UsageError where the package for it is not installed.
   */
  driverFor(agent: AgentDefinition): Driver;
}

/** What graphs are built on. Asked for at each node run, so that drawing a graph needs no database. */
export interface Runtime {
  thread(threadId: string): ActiveThread;
}
export type RuntimeSource = () => Promise<Runtime>;

/** What a node is given beside the state, as far as our nodes use it. */
export interface NodeContext {
  readonly configurable?: Readonly<Record<string, unknown>>;
  readonly executionInfo?: { readonly taskId: string };
  readonly signal?: AbortSignal;
  readonly writer?: (chunk: unknown) => void;
}

/** The thread a node works for. */
export async function activeThread(source: RuntimeSource, context: NodeContext): Promise<ActiveThread> {
  const threadId = context.configurable?.["thread_id"];
  if (typeof threadId !== "string") {
    throw new UsageError("A workflow runs in a thread: give it configurable.thread_id, a UUID.");
  }
  return (await source()).thread(threadId);
}

/** The checkpoint of the thread that the node began from, whatever subgraph it is in. It may be written a moment later. */
export function checkpointOf({ configurable }: NodeContext): string | undefined {
  const byNamespace: unknown = configurable?.["checkpoint_map"];
  const id = typeof byNamespace === "object" && byNamespace !== null && "" in byNamespace && byNamespace[""];
  return typeof id === "string" ? id : undefined;
}

/** Does work for a thread, which is not released before it is over. */
export async function whileActive<T>({ underWay }: ActiveThread, work: () => Promise<T>): Promise<T> {
  const done = work();
  underWay.add(done);
  try {
    return await done;
  } finally {
    underWay.delete(done);
  }
}

const NEVER = new AbortController().signal;

/** The run's signal; one that never fires where LangGraph gives none. */
export function signalOf({ signal = NEVER }: NodeContext): AbortSignal {
  setMaxListeners(0, signal); // Ten lanes listen to it, each with a call of its own: no leak to be warned of.
  return signal;
}
