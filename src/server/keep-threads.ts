import { messageOf, ThreadBusyError } from "../domain/errors.ts";
import { answerDue } from "../postgres/requests.ts";
import { threadsAnsweredByDeadline } from "../postgres/threads/answered-by-deadline.ts";
import { stoppedThreadsOf } from "../postgres/threads/run-by.ts";
import { getThread } from "../postgres/threads/threads.ts";
import type { Engine } from "../runs/engine.ts";
import { type ControlRoom, goOn, openEngineFor } from "./control-room.ts";

const EVERY_MS = 5000;

/**
 * Continues threads without a client: those of this server that a restart or a lost database stopped, and those whose requests
 * are answered by a deadline.
 */
export function keepThreads(room: ControlRoom): void {
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    await goOnWithOwn(room)
      .then(() => goOnWithDue(room))
      .catch((error: unknown) => room.report(`Threads cannot be continued now: ${messageOf(error)}`));
    isLooking = false;
  };
  void look();
  setInterval(look, EVERY_MS).unref();
}

/** The threads that an engine has continued: once each, so that a thread that stops every time is left to a person. */
const continued = new WeakMap<Engine, Set<string>>();

/** Continues the stopped threads that this server ran, unless it is about to stop. */
export async function goOnWithOwn(room: ControlRoom): Promise<void> {
  const engine = await openEngineFor(room);
  if (engine.server === undefined || engine.draining.aborted) return;
  const known = continued.get(engine) ?? new Set<string>();
  continued.set(engine, known);
  for (const threadId of await stoppedThreadsOf(engine.database, engine.server)) {
    if (known.has(threadId)) continue;
    if (await tryToGoOn(room, threadId, "was stopped")) known.add(threadId);
  }
}

/** Answers requests past their deadline and resumes their threads, unless another process runs them. */
export async function goOnWithDue(room: ControlRoom): Promise<void> {
  const { database } = await openEngineFor(room);
  await answerDue(database);
  for (const threadId of await threadsAnsweredByDeadline(database)) {
    await tryToGoOn(room, threadId, "has a default answer");
  }
}

/** @returns false when another process has the thread. */
async function tryToGoOn(room: ControlRoom, threadId: string, why: string): Promise<boolean> {
  try {
    const { database } = await openEngineFor(room);
    await goOn(room, await getThread(database, threadId));
  } catch (error) {
    if (error instanceof ThreadBusyError) return false;
    room.report(`Thread ${threadId} ${why} but could not be resumed: ${messageOf(error)}`);
  }
  return true;
}
