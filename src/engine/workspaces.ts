import { realpath, rm, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { sessionsFolder } from "../claude/claude-code/session.ts";
import { UsageError } from "../core/errors.ts";

/** The workspace that is a thread's own. @param home - Decurion's own folder. */
export function workspaceFolder(home: string, threadId: string): string {
  return join(home, "workspaces", threadId);
}

/** Removes the own workspaces and sessions of threads that are gone; folders that a person named are theirs. */
export async function removeFolders(home: string, threadIds: readonly string[]): Promise<void> {
  for (const id of threadIds) {
    for (const folder of [workspaceFolder(home, id), sessionsFolder(home, id)]) {
      await rm(folder, { recursive: true, force: true });
    }
  }
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
