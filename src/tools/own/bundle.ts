import { createRequire } from "node:module";
import type { BuildFailure, BuildOptions } from "esbuild";
import { messageOf } from "../../domain/errors.ts";

/**
 * Bundles modules into one file that Node can run.
 *
 * @throws Error that says what is wrong, with file and line.
 */
export async function bundle(options: BuildOptions): Promise<Uint8Array> {
  // Resolved from this source file, even when the running code is a bundle elsewhere.
  const esbuild: typeof import("esbuild") = createRequire(import.meta.url)("esbuild");
  try {
    const { outputFiles } = await esbuild.build({
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      logLevel: "silent",
      ...options,
    });
    const [output] = outputFiles ?? [];
    if (!output) throw new Error("the bundle is empty");
    return output.contents;
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

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
