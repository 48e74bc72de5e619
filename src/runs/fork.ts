import { UsageError } from "../domain/errors.ts";
import { withdrawRequests } from "../postgres/requests.ts";
import { reopenThread } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";
import { checkpointIdOf } from "./history.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

export interface Fork {
  readonly threadId: string;
  /** The id of the checkpoint, or its beginning. */
  readonly checkpoint: string;
  /** Whether to buy every answer again instead of replaying those of unchanged calls. */
  readonly fresh: boolean;
}

/**
 * Forks a thread at one of its checkpoints: a copy becomes the newest checkpoint, so that the next run continues there, asks
 * again and dispatches a new execution. Withdraws the thread's open requests. Runs nothing.
 *
 * @throws UsageError when the thread is running, or has no such checkpoint.
 */
export async function forkThread(engine: Engine, graph: WorkflowGraph, fork: Fork): Promise<void> {
  const { threadId, checkpoint, fresh } = fork;
  if (!(await engine.claims.claim(threadId))) {
    throw new UsageError(`Thread ${threadId} is running: cancel it or wait until it ends, then fork it.`);
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
      `Thread ${threadId} has no checkpoint ${wanted}: "history ${threadId}" shows its checkpoints.`,
    );
  }
  if (other) throw new UsageError(`Several checkpoints begin with ${wanted}: give more of the id.`);
  if (found.next.length > 0) return found.config;
  throw new UsageError(`Checkpoint ${wanted} is the end of a run: fork an earlier one.`);
}
