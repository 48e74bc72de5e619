import { z } from "zod";
import { ConnectionLostError, ThreadBusyError, UsageError } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";
import { type ActiveThread, withThread } from "../nodes/runtime.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue } from "../postgres/requests.ts";
import { cancelRows } from "../postgres/threads/cancel.ts";
import { leaveStopped } from "../postgres/threads/run-by.ts";
import { beginThread, findHeldThread, renewThread, setBudget } from "../postgres/threads/threads.ts";
import type { Engine } from "./engine.ts";
import type { StreamOptions } from "./graph.ts";
import { refuseCodeInOptions, refuseCommands } from "./refuse-code.ts";
import { recordEnd, recordFailure } from "./thread-end.ts";
import {
  CLEARED,
  type GivenInput,
  isNewInput,
  parseOptions,
  recordGiven,
  refuseEnded,
  refuseWhileWaiting,
  textOf,
} from "./thread-input.ts";

interface RunRequest extends GivenInput {
  /** The graph's name. */
  readonly name: string;
}

/** A started run: it holds the thread's lock, and its nodes have the thread. */
interface ThreadRun {
  readonly input: unknown;
  readonly options: StreamOptions;
  /** Records the thread's status after the graph has ended or stopped. */
  finish(): Promise<void>;
  /** Records a failed run. A stopped run stays resumable. */
  fail(error: unknown): Promise<void>;
  /** Aborted when another process has taken the thread over. */
  readonly taken: AbortSignal;
  /** Whether the thread was cancelled. If so, records it when the thread's work has ended. */
  wasCancelled(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the thread's lock, finds or creates its row, and opens the thread for the nodes.
 *
 * @throws UsageError when another process runs the thread, or the options or the input are invalid.
 */
export async function beginRun(engine: Engine, request: RunRequest): Promise<ThreadRun> {
  const { options, readState } = request;
  const threadId = threadIdOf(options);
  if (!(await claimWhenLeft(engine, threadId))) throw busy(threadId);
  try {
    const cancelled = engine.claims.cancelled(threadId);
    const taken = engine.claims.taken(threadId);
    const signal = joinSignals(options.signal, taken, engine.closed, cancelled);
    const database = engine.holding(signal);
    const { row, input } = await openRow({ ...engine, database }, threadId, request);
    const thread = await engine.activate(row, database);
    const left = engine.leaving.enter(threadId, signal);
    const stateNow = () => readState({ configurable: { thread_id: threadId } });
    return {
      input,
      options: {
        ...options,
        context: row.options,
        configurable: withThread(options.configurable, thread),
        signal,
      },
      finish: async () => recordEnd(thread, await stateNow()),
      fail: async (error) => {
        const isByClient = options.signal?.aborted === true && !engine.draining.aborted;
        if (isByClient) await leaveStopped(engine.database, threadId);
        if (error instanceof UsageError || !signal.aborted) await recordFailure(thread, stateNow, error);
      },
      taken,
      wasCancelled: async () =>
        cancelled.aborted && recordCancelled(thread, engine.holding(options.signal ?? NEVER)),
      release: async () => {
        await engine.release(threadId);
        left();
      },
    };
  } catch (error) {
    await engine.release(threadId);
    throw error;
  }
}

/** Claims a thread. Waits for a run of this process that was stopped and still finishes: a client may start the next one meanwhile. */
async function claimWhenLeft({ claims, leaving }: Engine, threadId: string): Promise<boolean> {
  while (!(await claims.claim(threadId))) {
    const isLeft = leaving.stopped(threadId);
    if (!isLeft) return false;
    await isLeft;
  }
  return true;
}

/** The error of a run that lost its database. */
export function connectionLost({ configurable }: StreamOptions, cause: unknown): ConnectionLostError {
  const id = String(configurable?.["thread_id"]);
  return new ConnectionLostError(
    `The run stopped because the connection to Postgres was lost. Finished work is recorded: continue with "resume ${id}" when the server answers again.`,
    { cause },
  );
}

function busy(threadId: string): ThreadBusyError {
  return new ThreadBusyError(
    `Another process runs thread ${threadId}: follow it with "watch ${threadId}", or stop that process first.`,
  );
}

function threadIdOf({ configurable }: StreamOptions): string {
  const parsed = z.uuid().safeParse(configurable?.["thread_id"]);
  if (parsed.success) return parsed.data.toLowerCase();
  throw new UsageError("A workflow runs in a thread: set configurable.thread_id to a UUID.");
}

/** @throws UsageError when new input would discard something, or nothing is left to resume. */
async function refuseUnfit(engine: Engine, known: Thread, { input, options }: RunRequest): Promise<void> {
  if (isNewInput(input)) return refuseWhileWaiting(engine, known);
  if (input === null || input === undefined) refuseEnded(known, options);
}

/** Creates or updates the thread's row. Also returns the input for LangGraph. */
async function openRow(
  engine: Engine,
  threadId: string,
  request: RunRequest,
): Promise<{ row: Thread; input: unknown }> {
  const { name, input, options } = request;
  await answerDue(engine.database);
  const known = await findHeldThread(engine.database, threadId);
  const context = parseOptions(options.context);
  refuseCodeInOptions(engine, context);
  refuseCommands(engine, input);
  const isNew = isNewInput(input);
  if (known) await refuseUnfit(engine, known, request);
  if (!known && !isNew)
    throw new UsageError(`There is no thread ${threadId} to resume: start it with an input.`);
  const given = await recordGiven(engine, threadId, request);
  const row = await beginThread(engine.database, {
    id: threadId,
    graph: name,
    input: isNew ? textOf(input) : (known?.input ?? ""),
    options: context,
    simulated: known?.simulated ?? (context.executor === "simulated" || !engine.config.apiKey),
    budgetUsd: context.budgetUsd ?? engine.config.budgetUsd,
    runBy: engine.server,
  });
  if (!known) return { row, input: given };
  if (context.budgetUsd !== undefined) await setBudget(engine.database, threadId, context.budgetUsd);
  if (!isNew) return { row, input: given };
  const merged = { ...row.options, ...context };
  await renewThread(engine.database, threadId, textOf(input), merged);
  return { row: { ...row, options: merged }, input: { ...CLEARED, ...Object(input) } };
}

/** @param database - one that the cancel has not stopped. */
async function recordCancelled({ underWay, id }: ActiveThread, database: Database): Promise<boolean> {
  await Promise.allSettled(underWay);
  await cancelRows(database, id);
  return true;
}

const NEVER = new AbortController().signal;

/** Stops the run when the caller stops it, a human cancels it, its engine is closed, or another process takes the thread over. */
function joinSignals(given: AbortSignal | undefined, ...ours: AbortSignal[]): AbortSignal {
  return AbortSignal.any(given ? [given, ...ours] : ours);
}
