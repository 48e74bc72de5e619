import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Folders that hold no agents and may be huge. */
const SKIPPED = new Set(["node_modules", ".git"]);

/**
 * All Markdown files below a folder, in path order; none when there is no such folder. Links are followed,
 * each folder once, so that a link to a folder above does not go round in circles.
 */
export async function findMarkdownFiles(folder: string): Promise<string[]> {
  const seen = new Set<string>();
  const files: string[] = [];
  await visit(folder, seen, files);
  return files.sort();
}

async function visit(folder: string, seen: Set<string>, files: string[]): Promise<void> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || seen.has(real)) return;
  seen.add(real);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
    if (kind.isDirectory() && !SKIPPED.has(entry.name)) await visit(path, seen, files);
    else if (kind.isFile() && /\.md$/i.test(entry.name)) files.push(path);
  }
}
