import { DRIVERS } from "../drivers/drivers.ts";
import { workspaceFolder } from "../tools/workspaces.ts";
import { removeTree } from "./remove-tree.ts";

/** Removes the workspaces and sessions of deleted threads. Keeps workspaces that the user chose. */
export async function removeFolders(home: string, threadIds: readonly string[]): Promise<void> {
  for (const id of threadIds) {
    const ofDrivers = DRIVERS.flatMap((driver) => driver.foldersOf?.(home, id) ?? []);
    for (const folder of [workspaceFolder(home, id), ...ofDrivers]) {
      await removeTree(folder);
    }
  }
}
