import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";

const COMMITTED = join(PACKAGE_FOLDER, "src", "server", "page");
const folder = mkdtempSync(join(tmpdir(), "decurion-page-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each file of a folder with its text. */
function filesIn(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, "utf8")]));
}

/** As `npm run page`, but elsewhere. A test's own NODE_ENV would make it a build for development. */
async function buildPage(): Promise<void> {
  const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");
  const { NODE_ENV: _, ...env } = process.env;
  await promisify(execFile)(process.execPath, [vite, "build", "--outDir", folder, "--emptyOutDir"], {
    cwd: PACKAGE_FOLDER,
    env,
  });
}

describe("the built page", () => {
  it("is what its sources build to: run `npm run page` after changing them, and commit it", async () => {
    await buildPage();
    const built = filesIn(folder);
    const committed = filesIn(COMMITTED);
    expect([...committed.keys()]).toEqual([...built.keys()]);
    const different = [...built].filter(([name, text]) => committed.get(name) !== text).map(([name]) => name);
    expect(different).toEqual([]);
    expect(built.size).toBeGreaterThan(3);
  });

  it("holds no inline script or style, and asks no other server for anything", () => {
    const committed = filesIn(COMMITTED);
    const html = committed.get("index.html") ?? "";
    expect(html).toContain('<script type="module" crossorigin src="/control/assets/');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|style=/);
    for (const [name, text] of committed) {
      if (name.endsWith(".md")) continue;
      expect(text, name).not.toMatch(/(?:src|href)=["']?(?:https?:)?\/\//);
      expect(text, name).not.toMatch(
        /@import|url\(["']?(?:https?:)?\/\/|\b(?:fetch|EventSource)\(["']https?:/,
      );
    }
  });

  it("says whose code it holds, under which licence", () => {
    const licenses = filesIn(COMMITTED).get("licenses.md") ?? "";
    for (const name of ["react", "react-dom", "@xyflow/react"]) expect(licenses).toContain(name);
  });
});
