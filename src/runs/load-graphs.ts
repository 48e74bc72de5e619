import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Graph } from "@langchain/core/runnables/graph";
import { z } from "zod";
import { messageOf, UsageError } from "../domain/errors.ts";
import type { Workflow } from "./drive.ts";
import type { GraphState } from "./graph.ts";

/** A workflow that can also be drawn, looked back upon and forked. */
export interface WorkflowGraph extends Workflow {
  getGraphAsync(options: { xray: boolean }): Promise<Graph>;
  getStateHistory(config: object, options?: object): AsyncIterable<PastState>;
  updateState(config: object, values: unknown, asNode?: string): Promise<object>;
}

/** A checkpoint of a thread with the state there. */
export interface PastState extends GraphState {
  readonly config: { readonly configurable?: Readonly<Record<string, unknown>> };
  readonly parentConfig?: PastState["config"] | undefined;
  readonly createdAt?: string | undefined;
  readonly metadata?: { readonly source?: string; readonly step?: number } | undefined;
}

/** How the launcher lets graphs be loaded. */
export interface GraphModules {
  /** The package's folder, where langgraph.json is. */
  readonly folder: string;
  importGraphs(file: string): Promise<Readonly<Record<string, unknown>>>;
}

const manifestSchema = z.looseObject({ graphs: z.record(z.string(), z.string()) });

/** The graphs there are, by name, as `file:export`: langgraph.json is the one list, for Studio too. */
export async function readManifest(folder: string): Promise<Readonly<Record<string, string>>> {
  const file = join(folder, "langgraph.json");
  try {
    return manifestSchema.parse(JSON.parse(await readFile(file, "utf8"))).graphs;
  } catch (error) {
    throw new UsageError(`The list of graphs ${file} cannot be used: ${messageOf(error)}.`);
  }
}

/** @throws UsageError when there is no such graph, or its file does not export one. */
export async function loadGraph(modules: GraphModules, name: string): Promise<WorkflowGraph> {
  const manifest = await readManifest(modules.folder);
  const entry = Object.hasOwn(manifest, name) ? manifest[name] : undefined;
  if (entry === undefined) {
    throw new UsageError(`There is no graph "${name}": there is ${Object.keys(manifest).join(", ")}.`);
  }
  const [file = "", exported = "graph"] = entry.split(":");
  const graph = (await modules.importGraphs(file))[exported];
  if (isWorkflow(graph)) return graph;
  throw new UsageError(
    `The file ${file} exports no graph as "${exported}", which langgraph.json says it does.`,
  );
}

function isWorkflow(value: unknown): value is WorkflowGraph {
  return typeof value === "object" && value !== null && "stream" in value && "getGraphAsync" in value;
}
