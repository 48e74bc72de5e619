import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readStaticFile } from "../../src/server/static-files.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "decurion-static-"));
  await mkdir(join(root, "page", "assets"), { recursive: true });
  await writeFile(join(root, "secret.js"), "SECRET");
  await writeFile(join(root, "page", ".hidden.js"), "SECRET");
  await writeFile(join(root, "page", "index.html"), "page");
  await writeFile(join(root, "page", "assets", "app-1.js"), "script");
  await writeFile(join(root, "page", "program.exe"), "SECRET");
  await symlink(join(root, "secret.js"), join(root, "page", "link.js"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const read = async (path: string) => {
  const file = await readStaticFile(join(root, "page"), path);
  return file && [Buffer.from(file.content).toString(), file.type];
};

it("files of the folder are served by their names, with their types", async () => {
  expect(await read("index.html")).toEqual(["page", "text/html; charset=utf-8"]);
  expect(await read("assets/app-1.js")).toEqual(["script", "text/javascript; charset=utf-8"]);
});

it.each([
  "../secret.js",
  "assets/../../secret.js",
  ".hidden.js",
  "link.js",
  "program.exe",
  "assets",
  "none.js",
])("%s is not", async (path) => {
  expect(await read(path)).toBeUndefined();
});

it("no path whatever leads to anything else", async () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "", "secret.js", "link.js", "page", "%2e%2e", "\0"),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
      expect((await read(parts.join("/")))?.[0]).not.toBe("SECRET");
    }),
  );
});
