import { END } from "@langchain/langgraph";
import { databaseOfRun } from "../nodes/runtime.ts";
import { createCheckpointer } from "../postgres/checkpoints/checkpointer.ts";
import { isOurTrouble } from "../postgres/trouble.ts";
import type { Engine } from "./engine.ts";
import type { CompiledGraph, StreamOptions } from "./graph.ts";
import { refuseCommands } from "./refuse-code.ts";
import { beginRun, connectionLost } from "./run-thread.ts";
import { endsThread } from "./thread-input.ts";
import { recordUpdate } from "./update-state.ts";
import { withoutDoneInterrupts } from "./waiting-interrupts.ts";

/** More steps than any plan needs, so that only an endless loop of rejected plans reaches it. */
const RECURSION_LIMIT = 200;

/**
 * Makes a compiled graph a Decurion workflow: its checkpoints go to our Postgres, each run holds the thread's lock, and the
 * thread's row has its status. invoke, stream, streamEvents, the command line and the LangGraph server all go through here.
 *
 * @param name - the graph's name, equal to its key in langgraph.json.
 */
export function workflow<Graph extends CompiledGraph>(
  source: () => Promise<Engine>,
  name: string,
  compiled: Graph,
): Graph {
  // withConfig returns a copy of the same class; LangGraph types it as a wider one.
  const graph = compiled.withConfig({
    runName: name,
    durability: "sync",
    recursionLimit: RECURSION_LIMIT,
    configurable: { __pregel_strict_resume: true },
  }) as Graph;
  const saver = createCheckpointer(async (config) => databaseOfRun(config) ?? (await source()).database);
  pinCheckpointer(graph, saver);
  const inner = graph._streamIterator.bind(graph);
  const getState = graph.getState.bind(graph);
  const readState: CompiledGraph["getState"] = async (...args) =>
    withoutDoneInterrupts(await getState(...args), saver);
  graph.getState = readState;
  const updateState = graph.updateState.bind(graph);
  graph.updateState = async (config, values, asNode) => {
    refuseCommands(await source(), values);
    const updated = await updateState(config, values, asNode);
    const head = threadOf(updated);
    await recordUpdate(await source(), String(head.configurable.thread_id), () => readState(head));
    return updated;
  };
  graph._streamIterator = async function* (input, options = {}) {
    if (isNested(options)) {
      yield* inner(input, options);
      return;
    }
    const engine = await source();
    const run = await beginRun(engine, { name, input, options, readState });
    try {
      if (endsThread(run.input)) await updateState(threadOf(options), null, END);
      else yield* inner(run.input, run.options);
      await run.finish();
    } catch (error) {
      if (run.taken.aborted) throw run.taken.reason;
      engine.closed.throwIfAborted();
      if (isOurTrouble(error)) throw connectionLost(options, error);
      if (await run.wasCancelled()) return;
      await run.fail(error);
      throw error;
    } finally {
      await run.release();
    }
  };
  Object.defineProperty(graph, WORKFLOW, { value: name });
  return graph;
}

/** The newest checkpoint of a configuration's thread. */
function threadOf({ configurable }: Pick<StreamOptions, "configurable">) {
  return { configurable: { thread_id: configurable?.["thread_id"] } };
}

/** Shared by all copies of this package. */
const WORKFLOW = Symbol.for("decurion.workflow");

/** The name of a graph that `workflow` made; undefined for any other graph. */
export function workflowName(graph: object): unknown {
  return Reflect.get(graph, WORKFLOW);
}

/** LangGraph's server sets its own in-memory checkpointer; a property without an effective setter keeps ours. */
function pinCheckpointer(graph: object, saver: object): void {
  Object.defineProperty(graph, "checkpointer", {
    get: () => saver,
    set: () => undefined,
    enumerable: true,
    configurable: true,
  });
}

/** Whether the graph runs as a subgraph of another workflow, whose run holds the thread. */
function isNested({ configurable }: StreamOptions): boolean {
  return typeof configurable?.["__pregel_read"] === "function"; // A client of the server can send any other value.
}
