import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Workspace } from "./workspace.ts";

/** Folders that nobody means, unless they name them. */
const PASSED_OVER = new Set([".git", "node_modules"]);
/** Files and folders that are looked at in one walk. */
const MOST_ENTRIES = 200_000;

/** What a walk came to. */
export interface Walk {
  /** Paths of files from the workspace's root, in the order of their names. */
  readonly files: string[];
  /** Whether there was more than a walk looks at. */
  readonly isCut: boolean;
}

/** The entries of a folder by name; what is hidden is not there. @throws WorkspaceError */
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

/** All files under a path; of a file itself, that one. Links are passed over. @throws WorkspaceError */
export async function walkFiles(workspace: Workspace, path: string, signal: AbortSignal): Promise<Walk> {
  const files: string[] = [];
  const folders = [workspace.relative(path)];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal.throwIfAborted();
    const isStart = seen === 0;
    const entries = await entriesOf(workspace, folder).catch((error: unknown) => {
      if (isStart) throw error;
      return []; // It went away, or is not ours to read.
    });
    seen += entries.length + 1;
    if (seen > MOST_ENTRIES) return { files, isCut: true };
    for (const entry of entries) if (entry.isFile()) files.push(join(folder, entry.name));
    const within = entries.filter((entry) => entry.isDirectory() && !PASSED_OVER.has(entry.name));
    for (const entry of within.reverse()) folders.push(join(folder, entry.name));
  }
  return { files: files.sort(), isCut: false };
}
