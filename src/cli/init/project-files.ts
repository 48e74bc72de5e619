import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { withScripts } from "./package-scripts.ts";

/** The change of one file by `init`. `content` is the whole new text; undefined keeps the file. */
export interface FilePlan {
  readonly path: string;
  readonly content: string | undefined;
  /** The change in words: `write`, `keep`, `add the scripts …`. */
  readonly words: string;
}

const EXAMPLE = "graphs/review.mts";
const MANIFEST = { node_version: "20", dependencies: ["."], graphs: { review: `./${EXAMPLE}:graph` } };
export const SCRIPTS = { graph: "decurion", studio: "decurion studio" };
/** The file with the API key, and the folders of Decurion and LangGraph's server. */
const IGNORED = [".env", ".decurion/", ".langgraph_api/"];

/**
 * Plans the missing files of a project. Changes nothing.
 *
 * @param own - the package's folder, with the example and the list of settings.
 * @throws UsageError when a file of the project cannot be read.
 */
export async function planProjectFiles(project: string, own: string): Promise<FilePlan[]> {
  const [manifest, example, settings, packageJson, ignored] = await Promise.all(
    ["langgraph.json", EXAMPLE, ".env.example", "package.json", ".gitignore"].map((path) =>
      readIfThere(join(project, path)),
    ),
  );
  // A project with a langgraph.json needs the example only if that file names it.
  const wantsExample = manifest === undefined || manifest.includes(EXAMPLE);
  return [
    ...(wantsExample
      ? [newFile(EXAMPLE, example, await readFile(join(own, "templates", "review.mts"), "utf8"))]
      : []),
    newFile("langgraph.json", manifest, `${JSON.stringify(MANIFEST, null, 2)}\n`),
    newFile(".env.example", settings, await readFile(join(own, ".env.example"), "utf8")),
    scriptsIn(packageJson),
    ignoredIn(ignored),
  ];
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new UsageError(`The file ${file} cannot be read: ${messageOf(error)}.`);
  }
}

function newFile(path: string, current: string | undefined, content: string): FilePlan {
  return current === undefined
    ? { path, content, words: "write" }
    : { path, content: undefined, words: "keep" };
}

function scriptsIn(current: string | undefined): FilePlan {
  const path = "package.json";
  if (current === undefined) {
    const content = `${JSON.stringify({ private: true, type: "module", scripts: SCRIPTS }, null, 2)}\n`;
    return { path, content, words: "write" };
  }
  const { content, added } = withScripts(current, SCRIPTS);
  if (added.length === 0) return { path, content: undefined, words: "keep" };
  return { path, content, words: `add the script${added.length > 1 ? "s" : ""} ${added.join(" and ")}` };
}

function ignoredIn(current: string | undefined): FilePlan {
  const path = ".gitignore";
  const text = current ?? "";
  const bare = (line: string) => line.trim().replaceAll(/^\/|\/$/g, "");
  const present = new Set(text.split("\n").map(bare));
  const missing = IGNORED.filter((line) => !present.has(bare(line)));
  if (missing.length === 0) return { path, content: undefined, words: "keep" };
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const before = text === "" || text.endsWith("\n") ? text : `${text}${ending}`;
  const content = `${before}${missing.map((line) => `${line}${ending}`).join("")}`;
  return { path, content, words: current === undefined ? "write" : `add ${missing.join(", ")}` };
}
