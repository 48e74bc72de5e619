import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, extname, isAbsolute, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { bundle } from "../tools/own/bundle.ts";
import { keepBundle } from "../tools/own/keep-bundle.ts";
import { makeHome } from "./home-folder.ts";

/** What a graph's file is imported with. */
export interface GraphImport {
  /** The URL of what it gets as `decurion`. */
  readonly publicUrl: string;
  /** The package's own folder: where packages are found that the project does not have. */
  readonly own: string;
  readonly home: string;
}

/** Node runs these as they are; the others are TypeScript, or mean by `.js` what their package.json says. */
const PLAIN = new Set([".mjs", ".cjs"]);

/**
 * Imports a graph's file. TypeScript is bundled into the home folder first, with all that it imports but packages,
 * which are imported from where the file would find them.
 */
export async function importGraph(
  file: string,
  { publicUrl, own, home }: GraphImport,
): Promise<Readonly<Record<string, unknown>>> {
  if (PLAIN.has(extname(file))) return import(pathToFileURL(file).href);
  await makeHome(home);
  const code = await bundle({
    entryPoints: [file],
    absWorkingDir: dirname(file),
    define: { "import.meta.url": ADDRESS },
    sourcemap: "inline",
    plugins: [keepAddresses, packages(publicUrl, own)],
  });
  return import(await keepBundle(code, join(home, "graphs")));
}

const ADDRESS = "__decurion_address";

/** Each source keeps its own address, on its first line so that the others keep their numbers. */
const keepAddresses: Plugin = {
  name: "keep-addresses",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (path.includes(`${sep}node_modules${sep}`) || !text.includes("import.meta.url")) return undefined;
      const [, ending = ""] = /\.[cm]?([jt]sx?)$/.exec(path) ?? [];
      const loader = ending === "tsx" ? "tsx" : ending.startsWith("t") ? "ts" : "jsx";
      return { contents: `const ${ADDRESS} = ${JSON.stringify(pathToFileURL(path).href)}; ${text}`, loader };
    });
  },
};

/** A package that is in two copies in one process does not know its own objects. */
const SHARED = /^(zod|langchain|@langchain\/[^/]+)(\/|$)/;
const ASKED = "asked by the plugin itself";

/** Packages stay outside of the bundle; sources of a workspace, or behind an alias of tsconfig.json, go into it. */
function packages(publicUrl: string, own: string): Plugin {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^decurion$/ }, () => ({ path: publicUrl, external: true }));
      build.onResolve({ filter: /^[^.]/ }, async (asked) => {
        if (asked.pluginData === ASKED || isAbsolute(asked.path)) return undefined;
        const file = isBuiltin(asked.path) ? undefined : await findPackage(build, asked, own);
        return file === undefined ? { path: asked.path, external: true } : placeOf(asked, file);
      });
    },
  };
}

function placeOf({ path, kind }: OnResolveArgs, file: string): OnResolveResult {
  if (isSource(path, file)) return { path: file };
  return { path: kind === "require-call" ? file : pathToFileURL(file).href, external: true };
}

function isSource(name: string, file: string): boolean {
  return !SHARED.test(name) && !file.includes(`${sep}node_modules${sep}`);
}

async function findPackage(
  build: PluginBuild,
  { path, kind, importer, resolveDir }: OnResolveArgs,
  own: string,
): Promise<string | undefined> {
  for (const folder of [resolveDir, own]) {
    const found = await build.resolve(path, { kind, importer, resolveDir: folder, pluginData: ASKED });
    if (found.errors.length === 0 && isAbsolute(found.path)) return found.path;
  }
  return undefined;
}
