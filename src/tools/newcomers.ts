import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../domain/errors.ts";
import { RUNS_LATER } from "./runs-later.ts";

/** What runs later in a folder, by name: what identifies it. */
type Found = ReadonlyMap<string, string>;

interface Guard {
  commands: number;
  /** What was there before the first of the commands that run now. */
  readonly before: Map<string, string>;
  readonly scripts: Scripts;
}

/** The folders in which commands run now. */
const guarded = new Map<string, Guard>();

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
  const guard = guarded.get(folder) ?? {
    commands: 0,
    before: new Map(await runsLaterIn(folder)),
    scripts: await packageIn(folder),
  };
  const known = guarded.get(folder) ?? guard; // Another command may have begun meanwhile.
  guarded.set(folder, known);
  known.commands += 1;
  try {
    const value = await work();
    const said = [await putAside(folder, known.before), await restoreScripts(folder, known.scripts)];
    return { value, aside: said.filter((one) => one !== undefined).join(" ") || undefined };
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

/** The text of a package's file; undefined where there is none that can be read, e.g. behind a link. */
type Scripts = string | undefined;
const PACKAGE = "package.json";
const MOST_BYTES = 1_000_000;

async function packageIn(folder: string): Promise<Scripts> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const file = await open(join(folder, PACKAGE), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => undefined);
  try {
    const entry = await file?.stat();
    return entry?.isFile() && entry.size <= MOST_BYTES ? await file?.readFile("utf8") : undefined;
  } finally {
    await file?.close();
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * Scripts run with the next `npm install` or `npm test`. A command may change all else of a package, and make a new one or
 * take it away.
 */
async function restoreScripts(folder: string, before: Scripts): Promise<string | undefined> {
  if (before === undefined) return undefined;
  const path = join(folder, PACKAGE);
  const after = await packageIn(folder);
  if (after === undefined && !(await lstat(path).catch(() => undefined))) return undefined;
  const [old, changed] = [parsed(before)["scripts"] ?? {}, parsed(after ?? "")];
  if (after !== undefined && JSON.stringify(changed["scripts"] ?? {}) === JSON.stringify(old))
    return undefined;
  // A link or a device is replaced, not followed.
  const restored =
    after === undefined ? before : `${JSON.stringify({ ...changed, scripts: old }, null, 2)}\n`;
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(draft, restored, { flag: "wx" });
  await rename(draft, path);
  return `A command may not change the scripts of ${PACKAGE}: they are as before. Use the tool Edit for that, which asks a person.`;
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
