import {
  type AnnotationRoot,
  type BaseChannel,
  StateGraph,
  StateSchema,
  type StateSchemaFields,
} from "@langchain/langgraph";
import { UsageError } from "../domain/errors.ts";
import type { ThreadOptions } from "../domain/thread-options.ts";
import { workflowState } from "../nodes/state.ts";
import { threadOptionsSchema } from "../requests/thread-options.ts";
import { processEngine } from "./engine-holder.ts";
import type { CompiledGraph } from "./graph.ts";
import { workflow } from "./workflow.ts";

type WorkflowFields = typeof workflowState.fields;

/** LangGraph types every option of a context as required; a run names only those that it changes. */
type OptionsAnnotation = AnnotationRoot<{
  [Option in keyof ThreadOptions]: BaseChannel<ThreadOptions[Option]>;
}>;

/** An empty graph with this state, whose context is a run's options. */
export function emptyGraph<Fields extends StateSchemaFields>(state: StateSchema<Fields>) {
  return new StateGraph(state, threadOptionsSchema as unknown as OptionsAnnotation);
}

/** A graph to which nodes and edges are added. */
export type EmptyGraph<Fields extends StateSchemaFields> = ReturnType<typeof emptyGraph<Fields>>;

/** A graph with all its nodes and edges. */
export interface BuiltGraph<Compiled extends CompiledGraph> {
  compile(options: { name: string }): Compiled;
}

/**
 * Defines a workflow: a LangGraph graph whose runs are threads of Decurion. It runs on the engine of the process: the
 * command line's or the LangGraph server's. To run it elsewhere give it to the `workflow()` of `createDecurion()`.
 *
 * @param name - the graph's name, the same as its key in langgraph.json.
 * @param build - adds nodes and edges, and returns the graph.
 */
export function defineGraph<Compiled extends CompiledGraph>(
  name: string,
  build: (graph: EmptyGraph<WorkflowFields>) => BuiltGraph<Compiled>,
): Compiled;
/** @param state - made with `defineState`, for a graph with channels of its own. */
export function defineGraph<Fields extends StateSchemaFields, Compiled extends CompiledGraph>(
  name: string,
  state: StateSchema<Fields>,
  build: (graph: EmptyGraph<Fields>) => BuiltGraph<Compiled>,
): Compiled;
export function defineGraph(name: string, ...rest: readonly unknown[]): unknown {
  const [state, build] = rest.length === 1 ? [workflowState, rest[0]] : rest;
  if (!StateSchema.isInstance(state) || typeof build !== "function") {
    throw new UsageError(
      `Graph "${name}" needs a function that adds its nodes, and before it at most a state.`,
    );
  }
  const built: BuiltGraph<CompiledGraph> = build(emptyGraph(state));
  return workflow(processEngine, name, built.compile({ name }));
}
