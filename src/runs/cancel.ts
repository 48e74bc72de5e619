import { UsageError } from "../domain/errors.ts";
import { isTerminal } from "../domain/task.ts";
import { cancelRows, notifyCancel } from "../postgres/threads/cancel.ts";
import { getThread } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";

/**
 * Cancels a thread: cancels its open tasks and withdraws its open requests. If another process runs the thread, that process
 * stops the run and cancels it.
 *
 * @returns true when the thread is cancelled; false when the other process was notified.
 * @throws UsageError when the thread has already ended.
 */
export async function cancelThread(engine: Engine, id: string): Promise<boolean> {
  const thread = await getThread(engine.database, id);
  if (isTerminal(thread.status)) {
    throw new UsageError(`Thread ${thread.id} has ended (${thread.status}): there is nothing to cancel.`);
  }
  if (!(await claimOrNotify(engine, thread.id))) return false;
  try {
    await cancelRows(engine.database, thread.id);
  } finally {
    await engine.release(thread.id);
  }
  return true;
}

/** Claims the thread, or notifies its process; then claims again, because that process may have released it meanwhile. */
async function claimOrNotify(engine: Engine, threadId: string): Promise<boolean> {
  if (await engine.claims.claim(threadId)) return true;
  await notifyCancel(engine.database, threadId);
  return engine.claims.claim(threadId);
}
