import { dirname, extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import { messageOf, UsageError } from "../../domain/errors.ts";
import { MOST_BYTES, whyNotRegular } from "../../regular-file.ts";
import { bundle } from "./bundle.ts";
import { keepBundle } from "./keep-bundle.ts";

/** `.ts` in the repository, `.js` in the package that is built of it. */
const ENDING = extname(fileURLToPath(import.meta.url));
const HOST = fileURLToPath(new URL(`./module-host${ENDING}`, import.meta.url));
const PUBLIC = fileURLToPath(new URL(`../../index${ENDING}`, import.meta.url));
const DEFINE = fileURLToPath(new URL(`./define-own-tool${ENDING}`, import.meta.url));
/** What a module knows its address by. In parts, because the command line's own bundle replaces the whole in every source. */
const OWN_ADDRESS = ["import", "meta", "url"].join(".");

/**
 * Bundles a module of tools and its imports into one file that Node can run. The file exports `list()`, which returns its
 * tools, and `call(name, input, signal)`, which calls one.
 *
 * @param folder - the folder for bundles.
 * @returns the bundle's URL.
 * @throws UsageError when the module cannot be bundled.
 */
export async function bundleModule(file: string, folder: string): Promise<string> {
  return keepBundle(await build(file), folder);
}

async function build(file: string): Promise<Uint8Array> {
  const url = pathToFileURL(file).href;
  try {
    const why = whyNotRegular(file, MOST_BYTES.settings);
    if (why !== undefined) throw new Error(why);
    return await bundle({
      stdin: { contents: entryFor(file), resolveDir: dirname(file), loader: "ts" },
      absWorkingDir: dirname(file),
      define: { [OWN_ADDRESS]: JSON.stringify(url) },
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(url)});`,
      },
      plugins: [publicNames, ownPackages],
    });
  } catch (error) {
    throw new UsageError(`The tools of ${file} cannot be loaded: ${messageOf(error)}.`);
  }
}

function entryFor(file: string): string {
  return `import * as module from ${JSON.stringify(file)};
import * as host from ${JSON.stringify(HOST)};
export const list = () => host.list(module);
export const call = (name, input, signal) => host.call(module, name, input, signal);`;
}

/** A module of tools that imports `decurion`, or its main file by path, gets only `defineTool`, without the engine. */
const publicNames: Plugin = {
  name: "public-names",
  setup(build) {
    build.onResolve({ filter: /^decurion$/ }, () => ({ path: PUBLIC }));
    build.onLoad({ filter: /index\.[jt]s$/ }, ({ path }) =>
      path === PUBLIC
        ? { contents: `export { defineTool } from ${JSON.stringify(DEFINE)};`, loader: "ts" }
        : undefined,
    );
  },
};

const ASKED = "asked by the plugin itself";

/** A module in a folder without packages gets those of this package. */
const ownPackages: Plugin = {
  name: "own-packages",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === ASKED || kind === "entry-point") return undefined;
      const asked = { kind, importer, pluginData: ASKED };
      const found = await build.resolve(path, { ...asked, resolveDir });
      if (found.errors.length === 0) return found;
      const own = await build.resolve(path, { ...asked, resolveDir: dirname(HOST) });
      return own.errors.length === 0 ? own : undefined;
    });
  },
};
