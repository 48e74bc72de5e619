import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

const ranges = z.record(z.string(), z.string()).default({});
const manifestSchema = z.looseObject({
  version: z.string().default(""),
  dependencies: ranges,
  devDependencies: ranges,
  peerDependencies: ranges,
  peerDependenciesMeta: z
    .record(z.string(), z.looseObject({ optional: z.boolean().default(false) }))
    .default({}),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The package.json of a package's folder, if it has one. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : manifestSchema.parse(JSON.parse(text));
}

/** Decurion's own package.json. @param folder - the repository, or `dist` of a built package. */
export async function readOwnManifest(folder: string): Promise<Manifest> {
  return (await readManifest(folder)) ?? (await readManifest(dirname(folder))) ?? manifestSchema.parse({});
}

/** The folder of a package as resolved from `from`, even when the package does not export its package.json. */
export function packageFolder(from: string, name: string): string | undefined {
  const folders = createRequire(join(from, "package.json")).resolve.paths(name) ?? [];
  return folders
    .map((folder) => join(folder, name))
    .find((folder) => existsSync(join(folder, "package.json")));
}
