import { readFile, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { makePrivateFolder } from "../private-folder.ts";
import type { Folders } from "../runs/folders.ts";
import { type GraphSource, listGraphs } from "../runs/graph-list.ts";
import { makeHome } from "../runs/home-folder.ts";
import { STUDIO_ORIGINS } from "./origins.ts";

/** The input of the LangGraph server's configuration. */
export interface StudioProject {
  readonly folders: Pick<Folders, "package" | "project">;
  /** The folder of DECURION_HOME. The configuration is written there, so that the project's files stay unchanged. */
  readonly home: string;
  /** `server/entry` of the running package. */
  readonly entry: string;
}

/**
 * Writes a configuration for the LangGraph server: the project's own, with all graphs as workflows, our guard and the control
 * room.
 *
 * @returns the configuration's file.
 */
export async function writeStudioConfig({ folders, home, entry }: StudioProject): Promise<string> {
  const folder = join(home, "studio");
  await makeHome(home);
  await makePrivateFolder(folder);
  await makePrivateFolder(join(folder, ".langgraph_api")); // The server writes inputs and outputs of runs there.
  const own = relative(folder, entry);
  const graphs: Record<string, string> = {};
  // The server resolves LangGraph from the first graph's file, which works for every built-in graph.
  const sources = [...(await listGraphs(folders)).graphs].sort(
    ([, a], [, b]) => Number(b.isBuiltIn) - Number(a.isBuiltIn),
  );
  for (const [index, [name, source]] of sources.entries()) {
    const file = source.isBuiltIn ? relative(folder, source.file) : `./graph-${index}.mts`;
    graphs[name] = source.isBuiltIn ? `${file}:${source.exported}` : `${file}:graph`;
    if (!source.isBuiltIn) await writeFile(join(folder, file), moduleFor(name, source, entry));
  }
  const { env, ...given } = await readConfig(folders.project);
  const config = {
    ...given,
    ...(env !== undefined && { env: typeof env === "string" ? resolve(folders.project, env) : env }),
    graphs,
    auth: { path: `${own}:auth`, disable_studio_auth: true },
    http: { app: `${own}:app`, cors: { allow_origins: [...STUDIO_ORIGINS] } },
  };
  const file = join(folder, "langgraph.json");
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`);
  return file;
}

/** A module with the type of the project's export, from which the server reads the graph's schemas. */
function moduleFor(name: string, { file, exported }: GraphSource, entry: string): string {
  return `import type * as own from ${JSON.stringify(file)};
import { graphs } from ${JSON.stringify(pathToFileURL(entry).href)};
export const graph: (typeof own)[${JSON.stringify(exported)}] = await graphs.load(${JSON.stringify(name)}) as never;
`;
}

async function readConfig(project: string): Promise<Record<string, unknown>> {
  const text = await readFile(join(project, "langgraph.json"), "utf8").catch(() => "{}");
  return JSON.parse(text);
}
