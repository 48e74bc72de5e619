import { rm } from "node:fs/promises";
import { sessionsFolder } from "../drivers/claude-code/session.ts";
import { workspaceFolder } from "../tools/workspaces.ts";

/** Removes the own workspaces and sessions of threads that are gone; folders that a person named are theirs. */
export async function removeFolders(home: string, threadIds: readonly string[]): Promise<void> {
  for (const id of threadIds) {
    for (const folder of [workspaceFolder(home, id), sessionsFolder(home, id)]) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
