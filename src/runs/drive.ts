import { Command } from "@langchain/langgraph";
import { UsageError } from "../domain/errors.ts";
import type { ProgressEvent } from "../domain/event.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import type { Database } from "../postgres/database.ts";
import { answerDue } from "../postgres/requests.ts";
import type { GraphState } from "./graph.ts";
import { askOwnQuestions, questionsOf, standingOf } from "./questions.ts";

/** The methods of a workflow for the command line. */
export interface Workflow {
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>;
  getState(config: object): Promise<GraphState>;
}

export interface DriveOptions {
  readonly threadId: string;
  /** For a new thread. An existing thread keeps its own. */
  readonly options?: ThreadOptions;
  readonly signal: AbortSignal;
  /** Receives all progress events. Without it nothing is streamed. */
  readonly onEvent?: (event: ProgressEvent) => void;
}

/** Runs a workflow until it ends or waits for a human. Throws when it is stopped. */
export async function drive(graph: Workflow, input: unknown, drive: DriveOptions): Promise<void> {
  const { threadId, options, signal, onEvent } = drive;
  // LangGraph never removes its listeners, and the caller's signal may outlive many runs.
  const own = new AbortController();
  const stop = () => own.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks = await graph.stream(input, {
      configurable: { thread_id: threadId },
      signal: own.signal,
      ...(options && { context: options }),
      ...(onEvent ? { streamMode: "custom", subgraphs: true } : { streamMode: "updates" }),
    });
    for await (const chunk of chunks) {
      if (onEvent && Array.isArray(chunk) && isProgress(chunk[1])) onEvent(chunk[1]);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** These fields distinguish our events from those of the graph's own nodes in the same stream. */
const FIELDS: Readonly<Record<ProgressEvent["type"], readonly string[]>> = {
  planned: ["tasks"],
  task: ["id", "agent", "status", "costUsd"],
  call: ["phase", "taskId", "costUsd"],
  text: ["phase", "taskId", "text"],
  tool: ["phase", "taskId", "name", "status"],
  progress: ["phase", "taskId", "status"],
  note: ["phase", "taskId", "text"],
};

function isProgress(value: unknown): value is ProgressEvent {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  const type = String(value.type);
  return Object.entries(FIELDS).some(
    ([known, fields]) => known === type && fields.every((field) => field in value),
  );
}

/** How a thread continues: an input for `drive`, or its open requests. */
export type NextInput = { readonly input: unknown } | { readonly waitingFor: readonly string[] };

/**
 * Finds how a thread that has not ended continues: after a crash from its last checkpoint, at a gate with the recorded
 * answers, which may be partial.
 *
 * @throws UsageError when the thread was stopped before its first checkpoint.
 */
export async function nextInput(graph: Workflow, database: Database, threadId: string): Promise<NextInput> {
  await answerDue(database);
  const state = await graph.getState({ configurable: { thread_id: threadId } });
  const questions = await askOwnQuestions(database, threadId, questionsOf(state));
  if (questions.length === 0) {
    // A run that was killed while it recorded the thread's end has no step left, and ends with it recorded.
    if (state.createdAt !== undefined) return { input: null };
    throw new UsageError(
      `Thread ${threadId} was stopped before its start: run it again with --thread ${threadId}.`,
    );
  }
  const { answers, waitingFor } = await standingOf(database, questions);
  return Object.keys(answers).length > 0 ? { input: new Command({ resume: answers }) } : { waitingFor };
}
