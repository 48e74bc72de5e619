// Bundles TypeScript into plain modules that Node runs without a loader.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Keeps `import.meta.url` of each source file. Otherwise bundled code would look for its files (migrations, agents,
 * prices) beside the bundle.
 *
 * @param {string} root
 * @returns {import("esbuild").Plugin}
 */
const keepAddresses = (root) => ({
  name: "keep-addresses",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes(`${root}/node_modules`)) return undefined;
      const text = await readFile(path, "utf8");
      const address = JSON.stringify(pathToFileURL(path).href);
      // In quotes it is text, not an address.
      return { contents: text.replaceAll(/(?<!")\bimport\.meta\.url\b(?!")/g, address), loader: "ts" };
    });
  },
});

/**
 * Bundles each entry point (a file in the package's folder) into `<name>.mjs` of a folder. Shared code is shared
 * there too.
 *
 * @param {string} root - The package's folder.
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} entryPoints
 */
export async function bundleTo(root, folder, entryPoints) {
  await build({
    absWorkingDir: root,
    entryPoints: { ...entryPoints },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "linked",
    logLevel: "error",
    external: ["pg-native", "cloudflare:sockets", "esbuild"],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [keepAddresses(root)],
  });
}
