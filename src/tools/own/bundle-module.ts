import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { BuildFailure, Plugin } from "esbuild";
import { messageOf, UsageError } from "../../domain/errors.ts";

const HOST = fileURLToPath(new URL("./module-host.ts", import.meta.url));
const PUBLIC = fileURLToPath(new URL("../../index.ts", import.meta.url));
const DEFINE = fileURLToPath(new URL("./define-own-tool.ts", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
/** The expression for a module's own address. In two parts, because the command line's bundle replaces it in every source. */
const OWN_ADDRESS = ["import", "meta", "url"].join(".");
/** How long old bundles are kept: a current run may still start them. */
const KEPT_MS = 24 * 3_600_000;

/**
 * Bundles a module of tools and its imports into one file that Node can run. The file exports `list()`, which returns its
 * tools, and `call(name, input, signal)`, which calls one.
 *
 * @param folder - the folder for bundles.
 * @returns the bundle's URL.
 * @throws UsageError when the module cannot be bundled.
 */
export async function bundleModule(file: string, folder: string): Promise<string> {
  const code = await build(file);
  const name = `${createHash("sha256").update(code).digest("hex").slice(0, 24)}.mjs`;
  const path = join(folder, name);
  await mkdir(folder, { recursive: true });
  await removeOld(folder);
  const own = `${path}.${process.pid}`;
  await writeFile(own, code);
  await rename(own, path);
  return pathToFileURL(path).href;
}

async function build(file: string): Promise<Uint8Array> {
  // Resolved from this source file, even when the running code is a bundle elsewhere.
  const esbuild: typeof import("esbuild") = createRequire(import.meta.url)("esbuild");
  const url = pathToFileURL(file).href;
  try {
    const { outputFiles } = await esbuild.build({
      stdin: { contents: entryFor(file), resolveDir: dirname(file), loader: "ts" },
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
      absWorkingDir: dirname(file),
      nodePaths: [PACKAGES],
      define: { [OWN_ADDRESS]: JSON.stringify(url) },
      banner: {
        js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(url)});`,
      },
      plugins: [publicNames],
    });
    const [output] = outputFiles;
    if (!output) throw new Error("the bundle is empty");
    return output.contents;
  } catch (error) {
    throw new UsageError(`The tools of ${file} cannot be loaded: ${reasonOf(error)}.`);
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
    build.onLoad({ filter: /index\.ts$/ }, ({ path }) =>
      path === PUBLIC
        ? { contents: `export { defineTool } from ${JSON.stringify(DEFINE)};`, loader: "ts" }
        : undefined,
    );
  },
};

function reasonOf(error: unknown): string {
  const [first] = isBuildFailure(error) ? error.errors : [];
  if (!first) return messageOf(error);
  const { location, text } = first;
  const reason = text.replace(/\.$/, "");
  return location ? `${reason} (line ${location.line} of ${location.file})` : reason;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // Another process removed it.
    if (found && Date.now() - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}
