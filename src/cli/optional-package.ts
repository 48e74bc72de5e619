import { packageManagerOf } from "../app.ts";
import { UsageError } from "../domain/errors.ts";
import { packageFolder, readOwnManifest } from "../runs/own-manifest.ts";
import type { Cli } from "./cli.ts";

/**
 * The folder of a package that only some commands need.
 *
 * @param purpose - what needs it: the subject of the error.
 * @throws UsageError with the command that installs it.
 */
export async function findOptionalPackage(
  { folders }: Pick<Cli, "folders">,
  name: string,
  purpose: string,
): Promise<string> {
  for (const from of [folders.project, folders.package]) {
    const found = packageFolder(from, name);
    if (found !== undefined) return found;
  }
  const { peerDependencies } = await readOwnManifest(folders.package);
  // A program that npx has fetched does not see the packages of the project.
  const needed = packageFolder(folders.project, "decurion") === undefined ? ["decurion"] : [];
  const words = [...needed, `${name}@${(peerDependencies[name] ?? "latest").replace("^", "")}`].join(" ");
  throw new UsageError(
    `${purpose} needs the package ${name}. Install it: ${packageManagerOf(folders.project).addForDevelopment} ${words}`,
  );
}
