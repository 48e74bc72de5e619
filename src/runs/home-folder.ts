import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Creates the folder of DECURION_HOME, with a .gitignore for all of it. */
export async function makeHome(home: string): Promise<void> {
  const isNew = (await mkdir(home, { recursive: true })) !== undefined;
  // Root's Postgres runs as another user, which must enter the folder.
  if (isNew && process.getuid?.() === 0) await chmod(home, 0o755);
  // It fails if the file exists, or if the folder is read-only: then we write nothing else either.
  await writeFile(join(home, ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
}
