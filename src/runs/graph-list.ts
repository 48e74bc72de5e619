import { readdir } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { z } from "zod";
import { messageOf, UsageError } from "../domain/errors.ts";
import { MOST_BYTES, readRegularFile } from "../regular-file.ts";
import type { Folders } from "./folders.ts";

/** The location of a graph: an export of a file. */
export interface GraphSource {
  readonly file: string;
  readonly exported: string;
  readonly isBuiltIn: boolean;
}

/** The graphs of a project, by name. */
export interface GraphList {
  /** The built-in ones, overridden by those in the project's langgraph.json. */
  readonly graphs: ReadonlyMap<string, GraphSource>;
  /** Entries of langgraph.json that cannot be used, each with a sentence. They hide a built-in graph of the same name. */
  readonly wrong: ReadonlyMap<string, string>;
}

const pathSchema = z.string().regex(/.:./);
const entrySchema = z.union([pathSchema, z.looseObject({ path: pathSchema }).transform(({ path }) => path)]);
const manifestSchema = z.looseObject({ graphs: z.record(z.string(), z.unknown()).default({}) });

/** @throws UsageError when langgraph.json itself cannot be used. A wrong entry leaves the others usable. */
export async function listGraphs({
  package: own,
  project,
}: Pick<Folders, "package" | "project">): Promise<GraphList> {
  const builtIn = await builtInGraphs(join(own, "graphs"));
  const files = new Set([...builtIn.values()].map(({ file }) => file));
  const graphs = new Map(builtIn);
  const wrong = new Map<string, string>();
  for (const [name, entry] of Object.entries(await readManifest(project))) {
    const { data: path } = entrySchema.safeParse(entry);
    if (path === undefined) {
      graphs.delete(name);
      wrong.set(name, `The graph "${name}" in langgraph.json cannot be used: it must be "<file>:<export>".`);
      continue;
    }
    const colon = path.lastIndexOf(":");
    const file = resolve(project, path.slice(0, colon));
    // In Decurion's own repository the project's graphs are the built-in ones.
    graphs.set(name, { file, exported: path.slice(colon + 1), isBuiltIn: files.has(file) });
  }
  return { graphs, wrong };
}

/** Each file of the folder is a graph with the file's name. */
async function builtInGraphs(folder: string): Promise<ReadonlyMap<string, GraphSource>> {
  const names = (await readdir(folder)).filter((name) => /^[\w-]+\.(ts|js)$/.test(name));
  return new Map(
    names
      .sort()
      .map((name) => [
        basename(name, extname(name)),
        { file: join(folder, name), exported: "graph", isBuiltIn: true },
      ]),
  );
}

async function readManifest(project: string): Promise<z.infer<typeof manifestSchema>["graphs"]> {
  const file = join(project, "langgraph.json");
  const text = await readRegularFile(file, MOST_BYTES.settings).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    throw new UsageError(`The file ${file} cannot be read: ${messageOf(error)}.`);
  });
  try {
    return manifestSchema.parse(JSON.parse(text)).graphs;
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ")
        : messageOf(error);
    throw new UsageError(`The list of graphs ${file} cannot be used: ${why}.`);
  }
}
