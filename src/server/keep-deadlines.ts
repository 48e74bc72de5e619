import { messageOf, ThreadBusyError } from "../domain/errors.ts";
import { answerDue } from "../postgres/requests.ts";
import { threadsAnsweredByDeadline } from "../postgres/threads/answered-by-deadline.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { type ControlRoom, goOn, openEngineFor } from "./control-room.ts";

const EVERY_MS = 5000;

/** Answers requests at their deadline, also when no client reads them, and resumes their threads. */
export function keepDeadlines(room: ControlRoom): void {
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    await goOnWithDue(room).catch((error: unknown) => room.report(`Deadlines: ${messageOf(error)}`));
    isLooking = false;
  };
  setInterval(look, EVERY_MS).unref();
}

/** Answers requests past their deadline and resumes their threads, unless another process runs them. */
export async function goOnWithDue(room: ControlRoom): Promise<void> {
  const { database } = await openEngineFor(room);
  await answerDue(database);
  for (const threadId of await threadsAnsweredByDeadline(database)) {
    try {
      await goOn(room, await getThread(database, threadId));
    } catch (error) {
      if (error instanceof ThreadBusyError) continue;
      room.report(`Thread ${threadId} has a default answer but could not be resumed: ${messageOf(error)}`);
    }
  }
}
