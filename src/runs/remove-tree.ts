import { randomUUID } from "node:crypto";
import { chmod, lstat, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes a folder with everything in it, however deep it is: an agent can make folders whose paths are too long for any
 * call of the system. So each folder is moved up beside its parent before it is emptied. Follows no links. Does nothing when
 * there is no such folder.
 */
export async function removeTree(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found) return;
  if (!found.isDirectory()) return unlink(folder);
  const left = [folder];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    await chmod(path, 0o700).catch(() => undefined); // Then the next line says why not.
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const inside = join(path, entry.name);
      if (!entry.isDirectory()) {
        await unlink(inside);
        continue;
      }
      const beside = join(folder, randomUUID());
      await rename(inside, beside);
      left.push(beside);
    }
    if (path !== folder) await rmdir(path);
  }
  await rmdir(folder);
}
