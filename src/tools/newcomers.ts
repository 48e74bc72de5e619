import { access, rename } from "node:fs/promises";
import { join } from "node:path";
import { NEWCOMERS } from "./runs-later.ts";

/** What runs later and is in a folder now. */
export async function runsLaterIn(folder: string): Promise<readonly string[]> {
  const found = await Promise.all(
    NEWCOMERS.map((name) =>
      access(join(folder, name)).then(
        () => [name],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/**
 * Puts aside what a command made in a person's folder and what would run there later: only a person decides about that.
 *
 * @returns a sentence for the agent; undefined when there is nothing.
 */
export async function putAside(folder: string, before: readonly string[]): Promise<string | undefined> {
  const moved: string[] = [];
  for (const name of await runsLaterIn(folder)) {
    if (before.includes(name)) continue;
    const aside = `${name}.not-approved`;
    const isDone = await rename(join(folder, name), join(folder, aside)).then(
      () => true,
      () => false, // Another agent's command did it at the same time, or there is one already.
    );
    if (isDone) moved.push(`${name} (now ${aside})`);
  }
  if (moved.length === 0) return undefined;
  return `A command may not make what runs later: ${moved.join(", ")}. Use the tool Write for it, which asks a person.`;
}
