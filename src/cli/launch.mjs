// Starts the command line from a bundle: loading the TypeScript sources takes 1.4 s, the bundle 0.3 s. A changed source
// file makes a new bundle.
import { createHash } from "node:crypto";
import { access, lstat, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {string} folder */
async function sourceFiles(folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|mjs|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Changes with each source file, the installed packages and Node's major version. */
async function fingerprint() {
  const files = [...(await sourceFiles("src")), ...(await sourceFiles("graphs"))];
  files.push(join(root, "package-lock.json"));
  const facts = await Promise.all(
    files.sort().map(async (file) => {
      const { mtimeMs, size } = await stat(file);
      return `${file} ${mtimeMs} ${size}`;
    }),
  );
  const node = process.versions.node.split(".")[0];
  return createHash("sha256")
    .update(`${node}\n${facts.join("\n")}`)
    .digest("hex")
    .slice(0, 16);
}

/** @param {string} path */
function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @param {string} folder */
async function bundle(folder) {
  const { bundleTo } = await import("./bundle.mjs");
  const own = `${folder}.${process.pid}`;
  await mkdir(own, { recursive: true, mode: 0o700 });
  const graphs = (await readdir(join(root, "graphs"))).filter((name) => name.endsWith(".ts"));
  await bundleTo(root, own, {
    main: "src/cli/main.ts",
    index: "src/index.ts",
    ...Object.fromEntries(graphs.map((name) => [`graphs/${basename(name, ".ts")}`, `graphs/${name}`])),
  });
  // Another process may have made the same bundle in the meantime.
  await rename(own, folder).catch(() => rm(own, { recursive: true, force: true }));
}

/** Whether only this user can put code there. The package's own folder is as trusted as the package.
 * @param {string} home */
async function isOwn(home) {
  if (home.startsWith(root)) return true;
  const found = await lstat(home).catch(() => undefined); // Another user may have made a link of that name.
  if (!found?.isDirectory()) return false;
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0);
}

/** @param {string} home */
async function makeOwn(home) {
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (!(await isOwn(home))) throw new Error(`The folder ${home} was made by another user: remove it.`);
}

/** The folder of the current bundle. Makes it when it is missing, and removes old ones. */
async function currentBundle() {
  const name = await fingerprint();
  const homes = [
    join(root, "node_modules", ".cache", "decurion"),
    join(tmpdir(), `decurion-${process.getuid?.() ?? 0}`),
  ];
  for (const home of homes) {
    if ((await isOwn(home)) && (await exists(join(home, name, "main.mjs")))) return join(home, name);
  }
  for (const [index, home] of homes.entries()) {
    try {
      await makeOwn(home);
      await bundle(join(home, name));
    } catch (error) {
      // The package's folder may belong to another user: then the next home is used.
      if (index === homes.length - 1) throw error;
      continue;
    }
    const others = (await readdir(home)).filter((entry) => entry !== name);
    await Promise.all(others.map((entry) => removeOld(join(home, entry))));
    return join(home, name);
  }
  throw new Error("There is no folder for the bundle.");
}

/** Keeps a bundle for an hour: a running process may still load from it.
 * @param {string} folder */
async function removeOld(folder) {
  const found = await stat(folder).catch(() => undefined); // Another process renamed or removed it.
  if (found && Date.now() - found.mtimeMs > 3_600_000) await rm(folder, { recursive: true, force: true });
}

const folder = await currentBundle();
const { main } = await import(pathToFileURL(join(folder, "main.mjs")).href);
process.exitCode = await main(process.argv.slice(2), {
  publicUrl: pathToFileURL(join(folder, "index.mjs")).href,
  /** @param {string} file A file of the folder graphs. */
  importBuiltIn: (file) => import(pathToFileURL(join(folder, "graphs", `${basename(file, ".ts")}.mjs`)).href),
});
