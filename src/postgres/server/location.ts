import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../domain/errors.ts";
import { isOwnFolder, makeOwnFolder, makePrivateFolder } from "../../private-folder.ts";
import { type Binaries, copyBinaries, findBinaries, repairLinks } from "./binaries.ts";
import { canEnter, canRead, canUseNamespace, lendableUsers, ownerOf, type RunAs } from "./run-as.ts";

/** Other users may pass through a folder of this mode, but not list it. */
const PASSABLE = 0o711;

/** The place of a folder's server, and the user that it runs as. */
export interface Location {
  /** Contains `data` and `password`. Appears only when it is complete. */
  readonly folder: string;
  readonly data: string;
  readonly passwordFile: string;
  /** Changes when a process attaches. */
  readonly useFile: string;
}

/** How the server's programs run there. */
export interface Programs {
  readonly as: RunAs;
  readonly binaries: Binaries;
}

/**
 * The location for a home folder. It is in the temporary folder, under a name made from the home folder's, when root runs
 * this, other users cannot enter the home folder (for example below /root), and user namespaces are forbidden.
 */
export async function locationFor(home: string): Promise<Location> {
  const usual = locationIn(home);
  if (process.getuid?.() !== 0 || (await ownerOf(usual.data))) return usual;
  const other = otherHome(home);
  if (!(await isOwnFolder(other))) return usual; // Everybody may make a folder of that name.
  const elsewhere = locationIn(other);
  return (await ownerOf(elsewhere.data)) ? elsewhere : usual;
}

function locationIn(home: string): Location {
  const folder = join(home, "postgres");
  return {
    folder,
    data: join(folder, "data"),
    passwordFile: join(folder, "password"),
    useFile: join(folder, "used"),
  };
}

function otherHome(home: string): string {
  const name = createHash("sha256").update(home).digest("hex").slice(0, 12);
  return join(tmpdir(), `decurion-${name}`);
}

/**
 * Decides how a server at this location runs. The owner of existing data runs it. For a new server as root the location
 * may change.
 *
 * @throws UsageError when the data belong to another ordinary user.
 */
export async function programsFor(
  home: string,
  location: Location,
): Promise<{ location: Location; programs: Programs }> {
  const binaries = await findBinaries();
  const owner = await ownerOf(location.data);
  const me = process.getuid?.();
  if (me !== 0) {
    if (owner && me !== undefined && owner.uid !== me) {
      throw new UsageError(
        `The database in ${location.folder} belongs to another user (${owner.uid}). Run as that user, set DECURION_HOME to a folder of your own, or set DATABASE_URL.`,
      );
    }
    return { location, programs: { as: { kind: "self" }, binaries: await usable(binaries, home) } };
  }
  if (owner) {
    const as: RunAs = owner.uid === 0 ? { kind: "namespace" } : { kind: "user", ...owner };
    return { location, programs: { as, binaries: await reachable(as, binaries, home) } };
  }
  return newPlaceForRoot(home, location, binaries);
}

async function newPlaceForRoot(home: string, location: Location, binaries: Binaries) {
  const users = await lendableUsers();
  await makePrivateFolder(home, PASSABLE);
  for (const as of users) {
    if (!(await canEnter(as, [home]))) continue;
    return { location, programs: { as, binaries: await reachable(as, binaries, home) } };
  }
  if (await canUseNamespace()) {
    const as: RunAs = { kind: "namespace" };
    return { location, programs: { as, binaries: await usable(binaries, home) } };
  }
  const [as] = users;
  const other = otherHome(home);
  await makeOwnFolder(other, PASSABLE);
  if (!as || !(await canEnter(as, [other]))) {
    throw new UsageError(
      "Postgres refuses to run as root, and there is no other user for it. Start as an ordinary user, or set DATABASE_URL.",
    );
  }
  return { location: locationIn(other), programs: { as, binaries: await reachable(as, binaries, other) } };
}

/** The package's own folder, or a copy when its links are missing and cannot be made. */
async function usable(binaries: Binaries, home: string): Promise<Binaries> {
  try {
    await repairLinks(binaries);
    return binaries;
  } catch {
    return copyBinaries(binaries, home); // The package's folder is read-only or belongs to another user.
  }
}

async function reachable(as: RunAs, binaries: Binaries, home: string): Promise<Binaries> {
  const here = await usable(binaries, home);
  const folders = ["bin", "lib", "share"].map((name) => join(here.folder, name));
  return (await canRead(as, folders)) ? here : copyBinaries(here, home);
}
