import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeHome } from "../runs/home-folder.ts";

/** The id of the server with this home folder, the same after a restart. Created at the first use. */
export async function readServerId(home: string): Promise<string> {
  const file = join(home, "server-id");
  await makeHome(home);
  // Another process may create it first: then that id counts.
  await writeFile(file, randomUUID(), { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  });
  return (await readFile(file, "utf8")).trim();
}
