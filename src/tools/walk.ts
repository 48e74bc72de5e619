import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Workspace } from "./workspace.ts";

/** Folders that a walk enters only when it starts there. */
const PASSED_OVER = new Set([".git", "node_modules"]);
/** The most files and folders of one walk. */
const MOST_ENTRIES = 200_000;
/** The most folders inside each other: each opening of one takes as many steps. */
const MOST_LEVELS = 64;

/** The result of a walk. */
export interface Walk {
  /** Paths of files, relative to the workspace's root, in alphabetical order. */
  readonly files: string[];
  /** Whether there are more files and folders, or deeper ones, than one walk covers. */
  readonly isCut: boolean;
}

/** The entries of a folder by name, without hidden ones. @throws WorkspaceError */
export async function entriesOf(workspace: Workspace, path: string): Promise<Dirent[]> {
  const folder = await workspace.openFolder(path);
  try {
    const entries = await readdir(folder.path, { withFileTypes: true });
    const absolute = join(workspace.root, workspace.relative(path));
    return entries
      .filter((entry) => !workspace.isHidden(join(absolute, entry.name)))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  } finally {
    await folder.handle.close();
  }
}

/** All files under a folder. Skips links. @throws WorkspaceError */
export async function walkFiles(workspace: Workspace, path: string, signal: AbortSignal): Promise<Walk> {
  const files: string[] = [];
  const folders = [workspace.relative(path)];
  let seen = 0;
  let isCut = false;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    const isStart = seen === 0;
    const entries = await entriesOf(workspace, folder).catch((error: unknown) => {
      if (isStart) throw error;
      return []; // It is gone, or we may not read it.
    });
    seen += entries.length + 1;
    if (seen > MOST_ENTRIES) return { files, isCut: true };
    for (const entry of entries) if (entry.isFile()) files.push(join(folder, entry.name));
    const within = entries.filter((entry) => entry.isDirectory() && !PASSED_OVER.has(entry.name));
    const isDeep = folder.split(sep).length >= MOST_LEVELS;
    isCut ||= isDeep && within.length > 0;
    if (isDeep) continue;
    for (const entry of within.reverse()) folders.push(join(folder, entry.name));
  }
  return { files: files.sort(), isCut };
}
