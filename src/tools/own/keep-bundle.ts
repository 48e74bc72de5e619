import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** How long old bundles are kept: a current run may still start them. */
const KEPT_MS = 24 * 3_600_000;

/** Writes a bundle into a folder under a name made from its content. @returns its URL. */
export async function keepBundle(code: Uint8Array, folder: string): Promise<string> {
  const name = `${createHash("sha256").update(code).digest("hex").slice(0, 24)}.mjs`;
  const path = join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeOld(folder);
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, code, { mode: 0o600 });
  await rename(own, path);
  return pathToFileURL(path).href;
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // Another process removed it.
    if (found && Date.now() - found.mtimeMs > KEPT_MS) await rm(path, { force: true });
  }
}
