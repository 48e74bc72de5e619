import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Files to write, with their content, and files to remove, by their paths within a folder. */
export interface FileChanges {
  readonly write: ReadonlyMap<string, string | Uint8Array>;
  readonly remove: readonly string[];
}

/**
 * Makes all changes in a folder or, when one fails, none. Writes everything into a separate folder first, so that no
 * file is ever incomplete. Keeps overwritten and removed files until the last change is made.
 */
export async function applyChanges(folder: string, changes: FileChanges): Promise<void> {
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(folder, ".decurion-"));
  const undo: Undo[] = [];
  try {
    await makeChanges(folder, staging, changes, undo);
  } catch (error) {
    await undoAll(undo, staging, error);
    throw error;
  } finally {
    if (undo.every((step) => !step.hasFailed)) await rm(staging, { recursive: true, force: true });
  }
}

interface Undo {
  readonly step: () => Promise<void>;
  hasFailed: boolean;
}

async function makeChanges(
  folder: string,
  staging: string,
  { write, remove }: FileChanges,
  undo: Undo[],
): Promise<void> {
  for (const [path, content] of write) await writeWithin(join(staging, "new"), path, content);
  for (const path of [...remove, ...write.keys()]) {
    const target = join(folder, path);
    const kept = join(staging, "old", path);
    await mkdir(dirname(kept), { recursive: true });
    if (await moved(target, kept)) undo.push({ step: () => rename(kept, target), hasFailed: false });
    if (!write.has(path)) continue;
    await mkdir(dirname(target), { recursive: true });
    await rename(join(staging, "new", path), target);
    undo.push({ step: () => rm(target), hasFailed: false });
  }
}

async function undoAll(undo: readonly Undo[], staging: string, cause: unknown): Promise<void> {
  for (const one of undo.toReversed()) {
    await one.step().catch(() => {
      one.hasFailed = true;
    });
  }
  if (undo.every((step) => !step.hasFailed)) return;
  throw new Error(`Some files were not restored. They are in ${join(staging, "old")}: move them back.`, {
    cause,
  });
}

async function writeWithin(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** Moves a file if it exists. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
