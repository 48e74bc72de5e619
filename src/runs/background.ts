import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Workflow } from "./drive.ts";

/** A run in the background. */
export interface BackgroundRun {
  readonly threadId: string;
  /** A new input, null to resume, or a Command with answers. */
  readonly input: unknown;
  readonly options?: ThreadOptions;
  /** Called when a run fails after its start. */
  readonly onError: (error: unknown) => void;
}

/**
 * Starts a run and returns as soon as it holds the thread's lock and has written the thread's row. The run continues until
 * it ends or waits for a human.
 *
 * @throws the error of a run that cannot start: another process runs the thread, or the input is invalid.
 */
export async function runInBackground(graph: Workflow, run: BackgroundRun): Promise<void> {
  const { threadId, input, options, onError } = run;
  const chunks = await graph.stream(input, {
    configurable: { thread_id: threadId },
    streamMode: "tasks", // Its first event comes before the first node runs.
    ...(options && { context: options }),
  });
  const steps = chunks[Symbol.asyncIterator]();
  const first = await steps.next();
  if (!first.done) void drain(steps).catch(onError);
}

async function drain(steps: AsyncIterator<unknown>): Promise<void> {
  while (!(await steps.next()).done);
}
