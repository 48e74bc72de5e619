// Builds the package: dist is this repository in plain JavaScript, at the same places, with all files it reads.
import { spawnSync } from "node:child_process";
import { chmod, cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");
/** What the compiler does not copy. */
const COPIED = [".claude/agents", ".env.example", "templates", "src/postgres/migrations", "src/server/page"];

function compile() {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The sources do not compile: see above.");
}

/**
 * The declarations that a consumer's compiler reads from this one on, itself included.
 *
 * @param {string} file
 * @param {Set<string>} found
 */
async function reachable(file, found) {
  if (found.has(file)) return found;
  found.add(file);
  // The compiler leaves the sources' names in declarations.
  const text = (await readFile(file, "utf8")).replaceAll(/((?:from |import\()"\.[^"]+)\.ts"/g, '$1.js"');
  await writeFile(file, text);
  for (const [, specifier = ""] of text.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
    await reachable(resolve(dirname(file), specifier.replace(/\.(m?)js$/, ".d.$1ts")), found);
  }
  return found;
}

/** Declarations of what nobody can import are dead weight, and may name packages that a consumer has no types of. */
async function removeInnerDeclarations() {
  const kept = await reachable(join(dist, "src", "index.d.ts"), new Set());
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (/\.d\.m?ts$/.test(entry.name) && !kept.has(file)) await rm(file);
  }
  return [...kept].map((file) => relative(dist, file));
}

await rm(dist, { recursive: true, force: true });
compile();
for (const path of COPIED) await cp(join(root, path), join(dist, path), { recursive: true });
const kept = await removeInnerDeclarations();
await chmod(join(dist, "src", "cli", "bin.mjs"), 0o755);
process.stderr.write(`Built dist; ${kept.length} files of types.\n`);
