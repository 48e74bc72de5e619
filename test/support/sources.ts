import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PACKAGE_FOLDER } from "./package-folder.ts";

export interface SourceFile {
  /** From the package's folder, as `src/domain/plan.ts`. */
  readonly file: string;
  readonly text: string;
}

/** The files below one of the package's folders whose names have one of these endings. */
export function sourceFiles(folder: string, endings = /\.(tsx?|mjs)$/): SourceFile[] {
  return readdirSync(join(PACKAGE_FOLDER, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ file: relative(PACKAGE_FOLDER, path), text: readFileSync(path, "utf8") }));
}

export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, "");
}
