import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { bundleTo } from "../../src/cli/bundle.mjs";
import { PACKAGE_FOLDER } from "./package-folder.ts";

/**
 * A file of this folder as a program that Node runs without a loader: it starts in 0.4 s instead of 3 s.
 *
 * @returns a function, because the program is there only while tests run.
 */
export function useProgram(name: string): () => string {
  let folder: string | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "decurion-program-"));
    await bundleTo(PACKAGE_FOLDER, folder, { [name]: `test/support/${name}.ts` });
  });
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (!folder) throw new Error("The program is there only while tests run.");
    return join(folder, `${name}.mjs`);
  };
}
