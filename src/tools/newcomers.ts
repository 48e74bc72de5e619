import { randomBytes } from "node:crypto";
import { lstat, rename } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../domain/errors.ts";
import { RUNS_LATER } from "./runs-later.ts";

/** What runs later in a folder, by name: what identifies it. */
type Found = ReadonlyMap<string, string>;

/** The folders in which commands run now, with what was there before the first of them. */
const guarded = new Map<string, { commands: number; readonly before: Map<string, string> }>();

async function runsLaterIn(folder: string): Promise<Found> {
  const found = await Promise.all(
    RUNS_LATER.map(async (name) => {
      const entry = await lstat(join(folder, name)).catch(() => undefined);
      return entry ? [[name, `${entry.dev}:${entry.ino}:${entry.mode}`] as const] : [];
    }),
  );
  return new Map(found.flat());
}

/**
 * Lets a command work in a person's folder, and puts aside what it made there and what would run later: only a person decides
 * about that. Commands that run at the same time have one beginning.
 *
 * @returns what the work returns, and a sentence for the agent when something was put aside.
 */
export async function guardFolder<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly aside: string | undefined }> {
  const guard = guarded.get(folder) ?? { commands: 0, before: new Map(await runsLaterIn(folder)) };
  const known = guarded.get(folder) ?? guard; // Another command may have begun meanwhile.
  guarded.set(folder, known);
  known.commands += 1;
  try {
    const value = await work();
    return { value, aside: await putAside(folder, known.before) };
  } finally {
    known.commands -= 1;
    if (known.commands === 0) guarded.delete(folder);
  }
}

/** Called when a person approved a file that runs later: it belongs there. */
export async function acceptNewcomers(folder: string): Promise<void> {
  const guard = guarded.get(folder);
  if (!guard) return;
  for (const [name, identity] of await runsLaterIn(folder)) guard.before.set(name, identity);
}

async function putAside(folder: string, before: Found): Promise<string | undefined> {
  const moved: string[] = [];
  for (const [name, identity] of await runsLaterIn(folder)) {
    if (before.get(name) === identity) continue;
    const aside = `${name}.not-approved-${randomBytes(4).toString("hex")}`;
    try {
      await rename(join(folder, name), join(folder, aside));
      moved.push(`${name} (now ${aside})`);
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!isGone) moved.push(`${name} (which is still there: ${messageOf(error)})`);
    }
  }
  if (moved.length === 0) return undefined;
  return `A command may not make what runs later: ${moved.join(", ")}. Use the tool Write for it, which asks a person.`;
}
