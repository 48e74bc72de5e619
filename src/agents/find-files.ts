import { readdir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

/** Folders without agents that may be huge. */
const SKIPPED = new Set(["node_modules", ".git"]);

/** A folder that limits a search, and a callback for links that lead out of it. */
export interface SearchBound {
  readonly root: string;
  readonly onOutside: (path: string) => void;
}

/**
 * All Markdown files below a folder, in path order; none when the folder does not exist. Follows links, but enters each
 * folder once, so that a link to a folder above causes no circle. With a bound it follows only links that stay
 * within its root.
 */
export async function findMarkdownFiles(folder: string, bound?: SearchBound): Promise<string[]> {
  const search: Search = { seen: new Set(), files: [], isOutside: await outsideOf(bound), bound };
  await visit(folder, search);
  return search.files.sort();
}

interface Search {
  readonly seen: Set<string>;
  readonly files: string[];
  readonly isOutside: (real: string) => boolean;
  readonly bound: SearchBound | undefined;
}

async function outsideOf(bound: SearchBound | undefined): Promise<(real: string) => boolean> {
  if (!bound) return () => false;
  const root = await realpath(bound.root).catch(() => bound.root);
  return (real) => !isWithin(root, real);
}

async function visit(folder: string, search: Search): Promise<void> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || search.seen.has(real)) return;
  search.seen.add(real);
  if (search.isOutside(real)) return search.bound?.onOutside(folder);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
    if (kind.isDirectory() && !SKIPPED.has(entry.name)) await visit(path, search);
    else if (kind.isFile() && /\.md$/i.test(entry.name)) await addFile(path, entry.isSymbolicLink(), search);
  }
}

async function addFile(path: string, isLink: boolean, search: Search): Promise<void> {
  if (isLink && search.isOutside(await realpath(path))) search.bound?.onOutside(path);
  else search.files.push(path);
}

/** Whether a path is a folder or below it. Compares only the paths. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** A manifest's path, found within its root, or the reason why it is not usable. */
export type PathWithin =
  | { readonly path: string; readonly real: string; readonly isFolder: boolean }
  | { readonly problem: string };

/** Finds an untrusted path below `root`: neither `..` nor a link leads out of it. */
export async function findWithin(root: string, written: string): Promise<PathWithin> {
  const path = resolve(root, written);
  const shown = JSON.stringify(written);
  if (isAbsolute(written) || !isWithin(root, path)) {
    return { problem: `the path ${shown} leads out of its folder` };
  }
  try {
    const [realRoot, real, found] = await Promise.all([realpath(root), realpath(path), stat(path)]);
    if (!isWithin(realRoot, real))
      return { problem: `the path ${shown} is a link that leads out of its folder` };
    return { path, real, isFolder: found.isDirectory() };
  } catch {
    return { problem: `the path ${shown} does not exist` };
  }
}
