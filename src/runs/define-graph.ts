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

/** LangGraph types every option of a context as required, although a run sets only some. */
type OptionsAnnotation = AnnotationRoot<{
  [Option in keyof ThreadOptions]: BaseChannel<ThreadOptions[Option]>;
}>;

/** An empty graph with this state. Its context is the options of a run. */
export function emptyGraph<Fields extends StateSchemaFields>(state: StateSchema<Fields>) {
  return new StateGraph(state, threadOptionsSchema as unknown as OptionsAnnotation);
}

/** A graph without nodes and edges. */
export type EmptyGraph<Fields extends StateSchemaFields> = ReturnType<typeof emptyGraph<Fields>>;

/** A graph with all its nodes and edges. */
export interface BuiltGraph<Compiled extends CompiledGraph> {
  compile(options: { name: string }): Compiled;
}

/**
 * Defines a workflow: a LangGraph graph whose runs are threads of Decurion. It runs on the engine of the command line or the
 * LangGraph server. In other programs pass it to the `workflow()` of `createDecurion()`.
 *
 * @param name - the graph's name, equal to its key in langgraph.json.
 * @param build - adds nodes and edges, and returns the graph.
 */
export function defineGraph<Compiled extends CompiledGraph>(
  name: string,
  build: (graph: EmptyGraph<WorkflowFields>) => BuiltGraph<Compiled>,
): Compiled;
/** @param state - from `defineState`, for a graph with its own channels. */
export function defineGraph<Fields extends StateSchemaFields, Compiled extends CompiledGraph>(
  name: string,
  state: StateSchema<Fields>,
  build: (graph: EmptyGraph<Fields>) => BuiltGraph<Compiled>,
): Compiled;
export function defineGraph(name: string, ...rest: readonly unknown[]): unknown {
  const [state, build] = rest.length === 1 ? [workflowState, rest[0]] : rest;
  if (!StateSchema.isInstance(state) || typeof build !== "function") {
    throw new UsageError(
      `Graph "${name}" needs a function that adds its nodes: call defineGraph(name, build) or defineGraph(name, state, build).`,
    );
  }
  const built: BuiltGraph<CompiledGraph> = build(emptyGraph(state));
  return workflow(processEngine, name, built.compile({ name }));
}
