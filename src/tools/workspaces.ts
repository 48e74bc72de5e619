import { realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { UsageError } from "../domain/errors.ts";

/** A thread's own workspace. @param home - Decurion's own folder. */
export function workspaceFolder(home: string, threadId: string): string {
  return join(home, "workspaces", threadId);
}

/**
 * Checks the folder that a person chose as workspace.
 *
 * @param home - Decurion's own folder, which holds the database's password.
 * @throws UsageError when it is not a folder, or belongs to Decurion.
 */
export async function checkWorkspace(workspace: string, home: string): Promise<void> {
  const found = await stat(workspace).catch(() => undefined);
  if (!found?.isDirectory()) {
    const why = found ? "is not a folder" : "does not exist";
    throw new UsageError(`The workspace ${workspace} ${why}. Give a folder for the agents' work.`);
  }
  const real = await realpath(workspace);
  const own = await realpath(home).catch(() => resolve(home));
  if (`${real}${sep}`.startsWith(`${own}${sep}`)) {
    throw new UsageError(`The workspace ${workspace} is Decurion's own folder. Give another one.`);
  }
}
