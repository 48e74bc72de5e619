import type { Context } from "hono";
import { z } from "zod";
import { messageOf } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { findThread } from "../postgres/threads/threads.ts";
import { runInBackground } from "../runs/background.ts";
import { nextInput, type Workflow } from "../runs/drive.ts";
import type { Engine } from "../runs/engine.ts";
import { type Graphs, UnknownGraphError } from "../runs/load-graphs.ts";
import type { WorkflowGraph } from "../runs/workflow-graph.ts";
import { ApiProblem } from "./api-problem.ts";

/** The parts that the control room's routes share. */
export interface ControlRoom {
  /** Opens the engine of this process at the first use. */
  readonly engine: () => Promise<Engine>;
  readonly graphs: Graphs;
  /** The user of all answers: the server cannot distinguish users with the same token. */
  readonly user: string;
  /** Receives a sentence about an error in the background. */
  readonly report: (sentence: string) => void;
}

/** Opens the engine. @throws ApiProblem 503 when that fails. */
export async function openEngineFor({ engine }: ControlRoom): Promise<Engine> {
  try {
    return await engine();
  } catch (error) {
    throw new ApiProblem(503, messageOf(error), { cause: error });
  }
}

/** The thread of a route's `:id`. @throws ApiProblem 404 when there is none. */
export async function threadOf(room: ControlRoom, context: Context): Promise<Thread> {
  const id = context.req.param("id") ?? "";
  const { database } = await openEngineFor(room);
  const thread = z.uuid().safeParse(id).success ? await findThread(database, id) : undefined;
  if (thread) return thread;
  throw new ApiProblem(404, `There is no thread ${id}.`);
}

/** @throws ApiProblem 404 when there is no such graph. */
export async function graphOf({ graphs }: ControlRoom, name: string): Promise<WorkflowGraph> {
  try {
    return await graphs.load(name);
  } catch (error) {
    throw error instanceof UnknownGraphError ? new ApiProblem(404, error.message, { cause: error }) : error;
  }
}

/** Starts a run in this process. Later errors go to `report`. */
export function runHere(
  room: ControlRoom,
  graph: Workflow,
  threadId: string,
  input: unknown,
  options?: ThreadOptions,
): Promise<void> {
  return runInBackground(graph, {
    threadId,
    input,
    ...(options && { options }),
    onError: (error) => room.report(`Thread ${threadId} stopped: ${messageOf(error)}`),
  });
}

/** Resumes a thread with its recorded answers. @returns false when there is none. */
export async function goOn(room: ControlRoom, thread: Thread): Promise<boolean> {
  const { database } = await openEngineFor(room);
  const graph = await graphOf(room, thread.graph);
  const step = await nextInput(graph, database, thread.id);
  if (!("input" in step)) return false;
  await runHere(room, graph, thread.id, step.input);
  return true;
}
