import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "./domain/errors.ts";

const ALL = 0o777;
const WRITABLE_BY_OTHERS = 0o022;
/** The sticky bit, as /tmp has it. */
const FOR_ALL_USERS = 0o1000;

/** Windows has neither these owners nor these modes. */
const me = process.getuid?.();

/**
 * Makes a folder of this user, or takes the rights of others from an existing one.
 *
 * @param mode - what others may do: 0o700, or 0o711 where another user must pass through.
 * @throws UsageError when another user owns the folder, or has put something into it.
 */
export async function makePrivateFolder(folder: string, mode = 0o700): Promise<void> {
  await mkdir(folder, { recursive: true, mode });
  if (me === undefined) return;
  const found = await stat(folder);
  const link = await lstat(folder);
  if (link.isSymbolicLink() && link.uid !== me && link.uid !== 0 && !(await isLent(folder, link.uid))) {
    throw notOurs(folder, `is a link of user ${link.uid}`);
  }
  if ((found.mode & FOR_ALL_USERS) !== 0) throw notOurs(folder, "is a folder for all users");
  const wasOpen = (found.mode & WRITABLE_BY_OTHERS) !== 0;
  if (found.uid !== me) {
    // Another user's folder for a user who is not root: what we may write there decides.
    if (wasOpen || (me === 0 && !(await isLent(folder, found.uid))))
      throw notOurs(folder, `belongs to user ${found.uid}`);
    return;
  }
  if (wasOpen) await refuseForeign(folder);
  if ((found.mode & ALL & ~mode) !== 0) await chmod(folder, found.mode & mode);
}

/**
 * Makes a folder in a folder where everybody may make one, or checks that the existing one is ours alone: another user may have
 * prepared it, or a link with its name.
 *
 * @throws UsageError when it is not ours.
 */
export async function makeOwnFolder(folder: string, mode = 0o700): Promise<void> {
  await mkdir(folder, { mode }).catch((error: unknown) => {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  });
  if (!(await isOwnFolder(folder))) throw notOurs(folder, "was made by another user");
  if (me !== undefined) await chmod(folder, mode);
}

/** Whether it is a folder, not a link to one, and only this user can change what is in it. */
export async function isOwnFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return false;
  return me === undefined || (found.uid === me && (found.mode & WRITABLE_BY_OTHERS) === 0);
}

/**
 * Reads a file that only this user may read, and closes it to others.
 *
 * @throws UsageError when it is a link, or another user's.
 */
export async function readPrivateFile(file: string): Promise<string> {
  const found = await lstat(file);
  if (!found.isFile() || (me !== undefined && found.uid !== me && me !== 0)) {
    throw notOurs(file, "is a link or belongs to another user");
  }
  const opened = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    if (me !== undefined) await opened.chmod(0o600); // Somebody may have copied the folder with other rights.
    return await opened.readFile("utf8");
  } finally {
    await opened.close();
  }
}

/** Takes the rights of others from these entries of a folder, where they exist and are ours. Links stay as they are. */
export async function closeEntries(folder: string, names: readonly string[]): Promise<void> {
  if (me === undefined) return;
  for (const entry of names.map((name) => join(folder, name))) {
    const found = await lstat(entry).catch(() => undefined);
    if (found?.uid !== me || found.isSymbolicLink()) continue;
    const closed = found.mode & 0o700;
    if ((found.mode & ALL) !== closed) await chmod(entry, closed);
  }
}

/** Root may work in another user's project: the folder around it is that user's too, who decides what root runs there anyway. */
async function isLent(folder: string, owner: number): Promise<boolean> {
  return me === 0 && (await stat(dirname(folder))).uid === owner;
}

/** While others could write into a folder, they may have put links or files into it. */
async function refuseForeign(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found && found.uid !== me) throw notOurs(folder, `has ${name} of user ${found.uid} in it`);
  }
}

function notOurs(path: string, why: string): UsageError {
  return new UsageError(`${path} ${why}: use a folder of your own (DECURION_HOME), or remove it.`);
}
