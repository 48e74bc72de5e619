import type { ThreadView } from "../../domain/thread.ts";
import { callTotals } from "../claude-calls/totals.ts";
import type { Database } from "../database.ts";
import { isThreadLocked } from "../session-locks.ts";
import { getThread } from "./threads.ts";

/**
 * Reads a thread with its totals.
 *
 * @param id - its id, or the beginning of it.
 * @throws UsageError when there is no such thread.
 */
export async function viewThread(database: Database, id: string): Promise<ThreadView> {
  const thread = await getThread(database, id);
  const [totals, isRun] = await Promise.all([
    callTotals(database, thread.id),
    isThreadLocked(database, thread.id),
  ]);
  return { ...thread, ...totals, isRun };
}
