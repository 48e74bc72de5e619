import { UsageError } from "../domain/errors.ts";
import { isTerminal } from "../domain/task.ts";
import { cancelRows, tellToCancel } from "../postgres/threads/cancel.ts";
import { getThread } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";

/**
 * Ends a thread for good: what is under way is stopped, what is open is cancelled, what it asks is withdrawn. A thread that
 * another process runs is cancelled by that process.
 *
 * @returns whether it is cancelled now; false when the process that runs it has been told to.
 * @throws UsageError when the thread has ended already.
 */
export async function cancelThread(engine: Engine, id: string): Promise<boolean> {
  const thread = await getThread(engine.database, id);
  if (isTerminal(thread.status)) {
    throw new UsageError(`Thread ${thread.id} has ended (${thread.status}): there is nothing to cancel.`);
  }
  if (!(await claimOrTell(engine, thread.id))) return false;
  try {
    await cancelRows(engine.database, thread.id);
  } finally {
    await engine.release(thread.id);
  }
  return true;
}

/** Claims the thread, or tells the process that runs it; then once more, for it may have released the thread unheard. */
async function claimOrTell(engine: Engine, threadId: string): Promise<boolean> {
  if (await engine.claims.claim(threadId)) return true;
  await tellToCancel(engine.database, threadId);
  return engine.claims.claim(threadId);
}
