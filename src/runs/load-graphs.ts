import { relative } from "node:path";
import { messageOf, UsageError } from "../domain/errors.ts";
import type { Engine } from "./engine.ts";
import type { Folders } from "./folders.ts";
import { graphFrom } from "./graph-export.ts";
import { type GraphList, listGraphs } from "./graph-list.ts";
import { importGraph } from "./import-graph.ts";
import { workflow, workflowName } from "./workflow.ts";
import type { WorkflowGraph } from "./workflow-graph.ts";

/** How this process imports code: from the package's files, or from the bundle of the repository. */
export interface GraphModules {
  /** The URL for imports of `decurion` in a project's graphs: the running package. */
  readonly publicUrl: string;
  importBuiltIn(file: string): Promise<Readonly<Record<string, unknown>>>;
}

/** No graph has this name. */
export class UnknownGraphError extends UsageError {}

/** The graphs of this project. */
export interface Graphs {
  names(): Promise<string[]>;
  /** @throws UsageError when its file exports no graph, UnknownGraphError when there is no such graph. */
  load(name: string): Promise<WorkflowGraph>;
}

/** Settings for the loading of graphs. `home` is the folder of DECURION_HOME. */
export interface GraphScope {
  readonly modules: GraphModules;
  readonly folders: Pick<Folders, "package" | "project">;
  readonly home: string;
  readonly engine: () => Promise<Engine>;
}

/** The built-in graphs and the project's. Each is loaded once per process. */
export function openGraphs(scope: GraphScope): Graphs {
  const loaded = new Map<string, Promise<WorkflowGraph>>();
  return {
    names: async () => [...(await listGraphs(scope.folders)).graphs.keys()],
    load: (name) => {
      const graph = loaded.get(name) ?? loadGraph(scope, name);
      loaded.set(name, graph);
      graph.catch(() => loaded.delete(name));
      return graph;
    },
  };
}

async function loadGraph(
  { modules, folders, home, engine }: GraphScope,
  name: string,
): Promise<WorkflowGraph> {
  const list = await listGraphs(folders);
  const source = list.graphs.get(name);
  if (!source) throw noSource(name, list);
  const shown = relative(folders.project, source.file);
  const exports = source.isBuiltIn
    ? await modules.importBuiltIn(source.file)
    : await importGraph(source.file, { publicUrl: modules.publicUrl, own: folders.package, home }).catch(
        (error: unknown) => {
          throw new UsageError(`Graph "${name}" cannot be loaded from ${shown}: ${reasonOf(error)}`, {
            cause: error,
          });
        },
      );
  const graph = await graphFrom(exports[source.exported]);
  if (!graph) {
    throw new UsageError(
      `The file ${shown} exports no graph as "${source.exported}": export one, or correct langgraph.json.`,
    );
  }
  const own = workflowName(graph);
  if (own === undefined) return workflow(engine, name, graph);
  // Its threads are kept under its own name, and found again by it.
  if (own === name) return graph;
  throw new UsageError(
    `The graph of ${shown} has two names: "${name}" in langgraph.json, "${String(own)}" in defineGraph. Give it the same name in both.`,
  );
}

function noSource(name: string, { graphs, wrong }: GraphList): UsageError {
  const problem = wrong.get(name);
  if (problem !== undefined) return new UsageError(problem);
  const known = `The graphs are: ${[...graphs.keys()].join(", ")}.`;
  return new UnknownGraphError([`There is no graph "${name}".`, known, ...wrong.values()].join(" "));
}

/** The error's message with exactly one full stop at its end. */
function reasonOf(error: unknown): string {
  return `${messageOf(error).replace(/\.$/, "")}.`;
}
