import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { closeEntries, makePrivateFolder } from "../private-folder.ts";

/** What we put there, without Postgres, which its own user must reach. A home folder may also have files of its user. */
const ENTRIES = [
  ...["graphs", "studio", "tools", "workspaces"],
  ...["server-id", "server-token", "session-key"],
];

/**
 * Creates the folder of DECURION_HOME, with a .gitignore for all of it. Other users can read nothing in it, also when it was
 * there before with other rights.
 *
 * @throws UsageError when another user made it.
 */
export async function makeHome(home: string): Promise<void> {
  // Root's Postgres runs as another user, which must pass through the folder.
  await makePrivateFolder(home, process.getuid?.() === 0 ? 0o711 : 0o700);
  await closeEntries(home, ENTRIES);
  // It fails if the file exists, or if the folder is read-only: then we write nothing else either.
  await writeFile(join(home, ".gitignore"), "*\n", { flag: "wx", mode: 0o600 }).catch(() => undefined);
}
