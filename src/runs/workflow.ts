import { databaseOfRun } from "../nodes/runtime.ts";
import { createCheckpointer } from "../postgres/checkpoints/checkpointer.ts";
import { isOurTrouble } from "../postgres/trouble.ts";
import type { Engine } from "./engine.ts";
import type { CompiledGraph, StreamOptions } from "./graph.ts";
import { beginRun, connectionLost } from "./run-thread.ts";
import { withoutDoneInterrupts } from "./waiting-interrupts.ts";

/** More steps than any plan needs; a loop of rejected plans still ends. */
const RECURSION_LIMIT = 200;

/**
 * Makes a compiled graph a Decurion workflow: checkpoints go to our Postgres whoever runs it, each run holds
 * the thread's lock, and the thread's row says how it stands. This is the one place through which invoke,
 * stream, streamEvents, the command line and the LangGraph server pass.
 *
 * @param name - the graph's name, the same as its key in langgraph.json.
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
  graph._streamIterator = async function* (input, options = {}) {
    if (isNested(options)) {
      yield* inner(input, options);
      return;
    }
    const engine = await source();
    const run = await beginRun(engine, { name, input, options, readState });
    try {
      yield* inner(run.input, run.options);
      await run.finish();
    } catch (error) {
      if (run.taken.aborted) throw run.taken.reason;
      if (isOurTrouble(error)) throw connectionLost(options, error);
      if (await run.wasCancelled()) return;
      await run.fail(error);
      throw error;
    } finally {
      await run.release();
    }
  };
  Object.defineProperty(graph, WORKFLOW, { value: true });
  return graph;
}

/** The same in another copy of this package. */
const WORKFLOW = Symbol.for("decurion.workflow");

/** Whether `workflow` made it. */
export function isWorkflow(graph: object): boolean {
  return WORKFLOW in graph;
}

/** The server replaces a graph's checkpointer by its own in memory; a property that cannot be set keeps ours. */
function pinCheckpointer(graph: object, saver: object): void {
  Object.defineProperty(graph, "checkpointer", {
    get: () => saver,
    set: () => undefined,
    enumerable: true,
    configurable: true,
  });
}

/** As a subgraph of another workflow: the outer run holds the thread. */
function isNested({ configurable }: StreamOptions): boolean {
  return configurable?.["__pregel_read"] !== undefined;
}
