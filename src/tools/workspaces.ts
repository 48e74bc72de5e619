import { realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { UsageError } from "../domain/errors.ts";

/** The workspace that is a thread's own. @param home - Decurion's own folder. */
export function workspaceFolder(home: string, threadId: string): string {
  return join(home, "workspaces", threadId);
}

/**
 * Checks the folder that a person names for agents to work in.
 *
 * @param home - Decurion's own folder, with its database's password.
 * @throws UsageError when it is not a folder, or one of Decurion's own.
 */
export async function checkWorkspace(workspace: string, home: string): Promise<void> {
  const found = await stat(workspace).catch(() => undefined);
  if (!found?.isDirectory()) {
    const why = found ? "is not a folder" : "does not exist";
    throw new UsageError(`The workspace ${workspace} ${why}: give a folder that agents may work in.`);
  }
  const real = await realpath(workspace);
  const own = await realpath(home).catch(() => resolve(home));
  if (`${real}${sep}`.startsWith(`${own}${sep}`)) {
    throw new UsageError(`The workspace ${workspace} is Decurion's own folder: give another one.`);
  }
}
