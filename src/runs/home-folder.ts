import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes the folder of DECURION_HOME, which Git ignores whatever the project's own .gitignore says. */
export async function makeHome(home: string): Promise<void> {
  const isNew = (await mkdir(home, { recursive: true })) !== undefined;
  // Root's Postgres runs as another user, who must get in.
  if (isNew && process.getuid?.() === 0) await chmod(home, 0o755);
  // It is there already, or nothing can be written: then nothing of ours gets in either.
  await writeFile(join(home, ".gitignore"), "*\n", { flag: "wx" }).catch(() => undefined);
}
