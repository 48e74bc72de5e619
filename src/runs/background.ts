import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Workflow } from "./drive.ts";

/** A run that nobody sits in front of. */
export interface BackgroundRun {
  readonly threadId: string;
  /** A new input, null to go on, or a Command with answers. */
  readonly input: unknown;
  readonly options?: ThreadOptions;
  /** Told of a run that ended badly after it had begun; its thread can be resumed. */
  readonly onError: (error: unknown) => void;
}

/**
 * Begins a run of a thread and comes back as soon as it is under way: its lock is held then and its row is there. It goes
 * on by itself until it ends or waits for a human.
 *
 * @throws what a run throws that cannot begin: another process has the thread, or the input cannot be used.
 */
export async function runInBackground(graph: Workflow, run: BackgroundRun): Promise<void> {
  const { threadId, input, options, onError } = run;
  const chunks = await graph.stream(input, {
    configurable: { thread_id: threadId },
    streamMode: "tasks", // Said at the first node, before it does anything.
    ...(options && { context: options }),
  });
  const steps = chunks[Symbol.asyncIterator]();
  const first = await steps.next();
  if (!first.done) void toItsEnd(steps).catch(onError);
}

async function toItsEnd(steps: AsyncIterator<unknown>): Promise<void> {
  while (!(await steps.next()).done);
}
