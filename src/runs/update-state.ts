import { isTerminal } from "../domain/task.ts";
import { findThread, reopenThread } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";
import type { GraphState } from "./graph.ts";
import { recordEnd } from "./thread-end.ts";

/**
 * Adjusts a thread's row to a state that a client has written. A state without a next node ends the thread and withdraws its
 * requests. A state with one reopens an ended thread, so that it can be resumed.
 */
export async function recordUpdate(
  engine: Engine,
  threadId: string,
  readState: () => Promise<GraphState>,
): Promise<void> {
  const { database } = engine;
  // The holder of the claim records the status: a run at its end, or a fork.
  if (!(await engine.claims.claim(threadId))) return;
  try {
    const thread = await findThread(database, threadId);
    if (!thread) return;
    const state = await readState();
    const hasEnded = state.next.length === 0;
    if (hasEnded && !isTerminal(thread.status)) await recordEnd({ database, id: threadId }, state);
    if (!hasEnded && isTerminal(thread.status)) await reopenThread(database, threadId, false);
  } finally {
    await engine.release(threadId);
  }
}
