import type { Context } from "hono";
import { z } from "zod";
import { messageOf } from "../domain/errors.ts";
import type { Thread } from "../domain/thread.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { findThread } from "../postgres/threads/threads.ts";
import { runInBackground } from "../runs/background.ts";
import { nextInput, type Workflow } from "../runs/drive.ts";
import type { Engine } from "../runs/engine.ts";
import type { Graphs } from "../runs/load-graphs.ts";
import type { WorkflowGraph } from "../runs/workflow-graph.ts";
import { ApiProblem } from "./api-problem.ts";

/** What the routes of the control room are built on. */
export interface ControlRoom {
  /** The engine of this process, opened at the first use. */
  readonly engine: () => Promise<Engine>;
  readonly graphs: Graphs;
  /** Under whose name answers are kept: all who have the token are one person to the server. */
  readonly user: string;
  /** Told in a sentence of what went wrong where nobody waits for an answer. */
  readonly report: (sentence: string) => void;
}

/** The engine, or a sentence about why there is none. */
export async function openEngineFor({ engine }: ControlRoom): Promise<Engine> {
  try {
    return await engine();
  } catch (error) {
    throw new ApiProblem(503, messageOf(error), { cause: error });
  }
}

/** The thread that a route's `:id` names. @throws ApiProblem 404 when there is none. */
export async function threadOf(room: ControlRoom, context: Context): Promise<Thread> {
  const id = context.req.param("id") ?? "";
  const { database } = await openEngineFor(room);
  const thread = z.uuid().safeParse(id).success ? await findThread(database, id) : undefined;
  if (thread) return thread;
  throw new ApiProblem(404, `There is no thread ${id}.`);
}

/** @throws ApiProblem 404 when there is no such graph. */
export async function graphOf({ graphs }: ControlRoom, name: string): Promise<WorkflowGraph> {
  const names = await graphs.names();
  if (names.includes(name)) return graphs.load(name);
  throw new ApiProblem(404, `There is no graph "${name}": there is ${names.join(", ")}.`);
}

/** Runs a thread in this process; what goes wrong later is reported. */
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

/** Goes on with a thread, with the answers there are. @returns false when it waits for others still. */
export async function goOn(room: ControlRoom, thread: Thread): Promise<boolean> {
  const { database } = await openEngineFor(room);
  const graph = await graphOf(room, thread.graph);
  const step = await nextInput(graph, database, thread.id);
  if (!("input" in step)) return false;
  await runHere(room, graph, thread.id, step.input);
  return true;
}
