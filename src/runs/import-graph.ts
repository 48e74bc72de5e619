import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname, extname, isAbsolute, join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import type { OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { bundle } from "../tools/own/bundle.ts";
import { keepBundle } from "../tools/own/keep-bundle.ts";
import { makeHome } from "./home-folder.ts";

/** Settings for the import of a graph's file. */
export interface GraphImport {
  /** The URL for its imports of `decurion`. */
  readonly publicUrl: string;
  /** The package's own folder, for packages that the project does not have. */
  readonly own: string;
  readonly home: string;
}

/** Node runs these unchanged. Others are TypeScript, or `.js` whose format depends on package.json. */
const PLAIN = new Set([".mjs", ".cjs"]);

/**
 * Imports a graph's file. Bundles TypeScript into the home folder first, with all imported sources. Packages are not bundled:
 * they are imported from where the file would find them.
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
    banner: { js: REQUIRE },
    plugins: [keepAddresses, packages(publicUrl, own)],
  });
  process.setSourceMapsEnabled(true); // An error in a graph's code names the places in its own files.
  return withExports(await import(await keepBundle(code, join(home, "graphs"))));
}

/** A bundle of CommonJS has one export, the default: all that the file exports. */
function withExports(module: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isAlone = Object.keys(module).join() === "default";
  return isAlone ? { ...Object(module["default"]), ...module } : module;
}

const ADDRESS = "__decurion_address";
/** What CommonJS sources find packages with. On one line, so that the others keep their numbers. */
const REQUIRE =
  'import { createRequire as __decurion_require } from "node:module"; const require = __decurion_require(import.meta.url);';

/** Each source keeps its own `import.meta.url`, defined on its first line so that line numbers stay the same. */
const keepAddresses: Plugin = {
  name: "keep-addresses",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (path.includes(`${sep}node_modules${sep}`) || !text.includes("import.meta.url")) return undefined;
      const [, ending = ""] = /\.[cm]?([jt]sx?)$/.exec(path) ?? [];
      const loader = ending === "tsx" ? "tsx" : ending.startsWith("t") ? "ts" : "jsx";
      return { contents: `const ${ADDRESS} = ${JSON.stringify(pathToFileURL(path).href)}; ${text}`, loader };
    });
  },
};

/** These packages must not be loaded twice: a copy does not recognize the objects of the other. */
const SHARED = /^(zod|langchain|@langchain\/[^/]+)(\/|$)/;
const ASKED = "asked by the plugin itself";
/** Modules that CommonJS sources require, and get as they are imported: `require` would load a second copy. */
const IMPORTED = "decurion-imported";

/** Keeps packages out of the bundle. Sources of a workspace or of a tsconfig.json alias are bundled. */
function packages(publicUrl: string, own: string): Plugin {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^decurion$/ }, (asked) => sharedPlace(asked, publicUrl));
      build.onLoad({ filter: /^/, namespace: IMPORTED }, ({ path }) => ({
        contents: `export * from ${JSON.stringify(path)};`,
      }));
      build.onResolve({ filter: /^[^.]/ }, async (asked) => {
        if (asked.pluginData === ASKED || isAbsolute(asked.path)) return undefined;
        const file = isBuiltin(asked.path) ? undefined : await findPackage(build, asked, own);
        return file === undefined ? { path: asked.path, external: true } : placeOf(asked, file);
      });
    },
  };
}

function placeOf(asked: OnResolveArgs, file: string): OnResolveResult {
  if (isSource(asked.path, file)) return { path: file };
  if (SHARED.test(asked.path)) return sharedPlace(asked, pathToFileURL(file).href);
  return { path: asked.kind === "require-call" ? file : pathToFileURL(file).href, external: true };
}

function sharedPlace({ kind }: Pick<OnResolveArgs, "kind">, url: string): OnResolveResult {
  return kind === "require-call" ? { path: url, namespace: IMPORTED } : { path: url, external: true };
}

function isSource(name: string, file: string): boolean {
  return !SHARED.test(name) && !file.includes(`${sep}node_modules${sep}`);
}

async function findPackage(
  build: PluginBuild,
  { path, kind: asked, importer, resolveDir }: OnResolveArgs,
  own: string,
): Promise<string | undefined> {
  const kind = SHARED.test(path) ? "import-statement" : asked;
  for (const folder of [resolveDir, own]) {
    const found = await build.resolve(path, { kind, importer, resolveDir: folder, pluginData: ASKED });
    if (found.errors.length === 0 && isAbsolute(found.path)) return found.path;
  }
  return undefined;
}
