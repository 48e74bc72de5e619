#!/usr/bin/env node
// Starts the command line of the package. A copy that npx fetched, or a global one, hands over to the project's own.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The program of the package that is installed where the command is given, if there is one. */
function installedProgram() {
  try {
    const manifest = createRequire(join(process.cwd(), "package.json")).resolve("decurion/package.json");
    const program = join(dirname(manifest), JSON.parse(readFileSync(manifest, "utf8")).bin.decurion);
    return existsSync(program) ? realpathSync(program) : undefined;
  } catch {
    return undefined; // None is installed, or it is none of ours.
  }
}

const own = realpathSync(fileURLToPath(import.meta.url));
const installed = installedProgram() ?? own;
if (installed !== own) {
  await import(pathToFileURL(installed).href);
} else {
  const { main } = await import("./main.js");
  process.exitCode = await main(process.argv.slice(2), {
    publicUrl: new URL("../index.js", import.meta.url).href,
    /** @param {string} file */
    importBuiltIn: (file) => import(pathToFileURL(file).href),
  });
}
