import { UsageError } from "../domain/errors.ts";
import { withdrawRequests } from "../postgres/requests.ts";
import { reopenThread } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";
import { checkpointIdOf } from "./history.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

export interface Fork {
  readonly threadId: string;
  /** The id of the checkpoint to go on from, or its beginning. */
  readonly checkpoint: string;
  /** Buys every answer anew, instead of replaying for nothing what has not changed. */
  readonly fresh: boolean;
}

/**
 * Opens another branch of a thread from one of its checkpoints: a copy of it becomes the thread's newest one, so that
 * whatever goes on with the thread goes on from there, asks anew and dispatches an execution of its own. What the thread
 * still asked is withdrawn. Nothing is run here.
 *
 * @throws UsageError when the thread is being run, or has no such checkpoint.
 */
export async function forkThread(engine: Engine, graph: WorkflowGraph, fork: Fork): Promise<void> {
  const { threadId, checkpoint, fresh } = fork;
  if (!(await engine.claims.claim(threadId))) {
    throw new UsageError(
      `Thread ${threadId} is being run: cancel it, or wait until it ends, before you fork it.`,
    );
  }
  try {
    const config = await findCheckpoint(graph, threadId, checkpoint);
    await graph.updateState(config, null, "__copy__");
    await withdrawRequests(engine.database, threadId);
    await reopenThread(engine.database, threadId, fresh);
  } finally {
    await engine.release(threadId);
  }
}

async function findCheckpoint(graph: WorkflowGraph, threadId: string, wanted: string): Promise<object> {
  const matching: { readonly config: object; readonly next: readonly string[] }[] = [];
  for await (const { config, next } of graph.getStateHistory({ configurable: { thread_id: threadId } })) {
    if (checkpointIdOf(config)?.startsWith(wanted.toLowerCase())) matching.push({ config, next });
  }
  const [found, other] = matching;
  if (!found) {
    throw new UsageError(
      `Thread ${threadId} has no checkpoint ${wanted}. "history ${threadId}" lists its checkpoints.`,
    );
  }
  if (other) throw new UsageError(`More than one checkpoint begins with ${wanted}: give more of its id.`);
  if (found.next.length > 0) return found.config;
  throw new UsageError(`Checkpoint ${wanted} is the end of a run: fork an earlier one.`);
}
