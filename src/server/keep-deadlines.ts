import { messageOf, ThreadBusyError } from "../domain/errors.ts";
import { answerDue } from "../postgres/requests.ts";
import { threadsAnsweredByDeadline } from "../postgres/threads/answered-by-deadline.ts";
import { getThread } from "../postgres/threads/threads.ts";
import { type ControlRoom, goOn, openEngineFor } from "./control-room.ts";

const EVERY_MS = 5000;

/** Sees to it that a request whose deadline has come is answered although nobody looks, and goes on with its thread. */
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

/** Answers what is due and goes on with the threads that waited for it, unless another process runs them. */
export async function goOnWithDue(room: ControlRoom): Promise<void> {
  const { database } = await openEngineFor(room);
  await answerDue(database);
  for (const threadId of await threadsAnsweredByDeadline(database)) {
    try {
      await goOn(room, await getThread(database, threadId));
    } catch (error) {
      if (error instanceof ThreadBusyError) continue;
      room.report(`Thread ${threadId} has an answer by default, but did not go on: ${messageOf(error)}`);
    }
  }
}
