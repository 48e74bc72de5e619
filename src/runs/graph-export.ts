import type { CompiledGraph } from "./graph.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

/**
 * The graph in a file's export, in every form that LangGraph's server accepts: a compiled graph, a builder (compiled here), an
 * agent with a graph, a promise of one of these, or a function that returns one.
 *
 * @returns undefined for another value.
 */
export async function graphFrom(exported: unknown): Promise<(CompiledGraph & WorkflowGraph) | undefined> {
  const made: unknown = await (typeof exported === "function" ? exported({ configurable: {} }) : exported);
  const graph: unknown = hasFunction(made, "compile") ? made.compile() : made;
  const inner: unknown =
    typeof graph === "object" && graph !== null && "graph" in graph ? graph.graph : graph;
  return [inner, graph].find(isCompiled);
}

function isCompiled(value: unknown): value is CompiledGraph & WorkflowGraph {
  return hasFunction(value, "stream") && hasFunction(value, "getGraphAsync") && "builder" in value;
}

function hasFunction<Name extends string>(
  value: unknown,
  name: Name,
): value is object & Record<Name, () => unknown> {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, name) === "function";
}
