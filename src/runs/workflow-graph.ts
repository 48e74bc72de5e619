import type { Graph } from "@langchain/core/runnables/graph";
import type { Workflow } from "./drive.ts";
import type { GraphState } from "./graph.ts";

/** A workflow with drawing, history and forks. */
export interface WorkflowGraph extends Workflow {
  getGraphAsync(options: { xray: boolean }): Promise<Graph>;
  getStateHistory(config: object, options?: object): AsyncIterable<PastState>;
  updateState(config: object, values: unknown, asNode?: string): Promise<object>;
}

/** A checkpoint with its state. */
export interface PastState extends GraphState {
  readonly config: { readonly configurable?: Readonly<Record<string, unknown>> };
  readonly parentConfig?: PastState["config"] | undefined;
  readonly createdAt?: string | undefined;
  readonly metadata?: { readonly source?: string; readonly step?: number } | undefined;
}
