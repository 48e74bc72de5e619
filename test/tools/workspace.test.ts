import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { link, mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editTool } from "../../src/tools/builtin/edit.ts";
import { globTool } from "../../src/tools/builtin/glob.ts";
import { grepTool } from "../../src/tools/builtin/grep.ts";
import { listTool } from "../../src/tools/builtin/list.ts";
import { readTool } from "../../src/tools/builtin/read.ts";
import { writeTool } from "../../src/tools/builtin/write.ts";
import { testFolder, testWorkspace } from "../support/workspace.ts";

const SECRET = "the secret outside";

/** A workspace with every kind of way out that can be put into a folder, and a folder outside with a secret. */
async function workspaceWithWaysOut() {
  const outside = await testFolder();
  writeFileSync(join(outside, "secret.txt"), SECRET);
  const made = await testWorkspace((root) => [join(root, ".decurion"), join(root, ".env")]);
  const { root } = made;
  writeFileSync(join(root, "inside.txt"), "inside");
  mkdirSync(join(root, "folder"));
  mkdirSync(join(root, ".decurion"));
  writeFileSync(join(root, ".decurion", "password"), SECRET);
  writeFileSync(join(root, ".env"), SECRET);
  await symlink(join(outside, "secret.txt"), join(root, "link.txt"));
  await symlink(outside, join(root, "linked"));
  await symlink("link.txt", join(root, "folder", "to-link"));
  await symlink(join(root, "..", outside.split("/").at(-1) ?? ""), join(root, "folder", "up"));
  await symlink("/proc/self/cwd", join(root, "cwd"));
  await symlink("/proc/self/root", join(root, "slash"));
  await symlink(join(outside, "new.txt"), join(root, "dangling"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  return { ...made, outside };
}

/** Paths that would lead out; `O` stands for the folder outside, `R` for the workspace. */
const ESCAPES: readonly (readonly [string, string])[] = [
  ["a parent", "../O/secret.txt"],
  ["many parents", "../../../../../../../../../../O/secret.txt"],
  ["a parent after a folder", "folder/../../O/secret.txt"],
  ["an absolute path", "/O/secret.txt"],
  ["an absolute path through the workspace", "R/../O/secret.txt"],
  ["a folder whose name begins like the workspace's", "R-other/secret.txt"],
  ["a link to a file", "link.txt"],
  ["a link to a folder", "linked/secret.txt"],
  ["a link to a link", "folder/to-link"],
  ["a link that goes up", "folder/up/secret.txt"],
  ["a link and back", "linked/../O/secret.txt"],
  ["the working folder of the process", "/proc/self/cwd/package.json"],
  ["a link to the working folder", "cwd/package.json"],
  ["a link to the root", "slash/O/secret.txt"],
  ["the process's environment", "/proc/self/environ"],
  ["a NUL character", "inside.txt\0/../../O/secret.txt"],
  ["a home", "~/../O/secret.txt"],
  ["percent encodings", "%2e%2e/O/secret.txt"],
  ["dots of other scripts", "\u2024\u2024/O/secret.txt"],
  ["full-width dots", "\uff0e\uff0e\uff0fO\uff0fsecret.txt"],
  ["backslashes", "..\\O\\secret.txt"],
  ["a pipe", "pipe"],
  ["a device", "/dev/stdin"],
  ["what is hidden", ".decurion/password"],
  ["what is hidden, in capitals", ".DECURION/password"],
  ["what is hidden, by way of a folder", "folder/../.env"],
  ["a link to what is not there", "dangling"],
];

describe("a workspace", () => {
  it.each(ESCAPES)("is not left by %s, to read or to write", async (_, way) => {
    const { root, outside, use } = await workspaceWithWaysOut();
    const path = way
      .replace(/\/?O(?=\/|\\|\uff0f)/, outside)
      .replace("//", "/")
      .replace(/^R/, root);
    const before = readdirSync(outside).join();

    const read = await use(readTool, { file_path: path });
    // Where it would lead to the project's own file, nothing is put at risk.
    const target = path.replace("package.json", "decurion-escape.txt");
    const written = await use(writeTool, { file_path: target, content: "overwritten" });
    const edited = await use(editTool, { file_path: target, old_string: "secret", new_string: "gone" });

    expect(read).toMatchObject({ isError: true });
    expect(read.content).not.toContain(SECRET);
    expect(edited.content).not.toContain(SECRET);
    expect(readFileSync(join(outside, "secret.txt"), "utf8")).toBe(SECRET);
    expect(readdirSync(outside).join()).toBe(before);
    expect(readFileSync(join(root, ".env"), "utf8")).toBe(SECRET);
    // What is a strange name and no way out may be written, inside.
    if (!written.isError) expect(readFileSync(join(root, target), "utf8")).toBe("overwritten");
    expect(existsSync("decurion-escape.txt")).toBe(false);
  });

  it("is not left by what searches and lists", async () => {
    const { use, outside } = await workspaceWithWaysOut();

    expect((await use(grepTool, { pattern: "secret" })).content).toBe("Nothing matches.");
    expect((await use(globTool, { pattern: "**/*secret*" })).content).toBe("No file matches.");
    expect((await use(globTool, { pattern: "**/password" })).content).toBe("No file matches.");
    for (const path of [outside, "..", "linked", "slash", ".decurion"]) {
      for (const tool of [listTool, globTool, grepTool]) {
        const answer = await use(tool, { path, pattern: "secret" });
        expect(answer).toMatchObject({ isError: true });
        expect(answer.content).not.toContain("secret.txt");
      }
    }
    expect((await use(listTool, {})).content).not.toContain(".decurion");
  });

  it("is not left while a folder is exchanged for a link again and again", async () => {
    const { root, outside, use } = await workspaceWithWaysOut();
    writeFileSync(join(root, "folder", "secret.txt"), "harmless");
    let isOver = false;
    const quietly = (change: () => void) => {
      try {
        change();
      } catch {
        // A write has made the folder anew in between.
      }
    };
    const nextMoment = () => new Promise((resolve) => setImmediate(resolve));
    const exchange = async () => {
      while (!isOver) {
        quietly(() => renameSync(join(root, "folder"), join(root, "kept")));
        quietly(() => symlinkSync(outside, join(root, "folder")));
        await nextMoment();
        rmSync(join(root, "folder"), { recursive: true, force: true });
        quietly(() => renameSync(join(root, "kept"), join(root, "folder")));
        await nextMoment();
      }
    };
    const exchanging = exchange();
    const file = { file_path: "folder/secret.txt" };
    const reads: string[] = [];
    for (let round = 0; round < 300; round++) {
      reads.push((await use(readTool, file)).content);
      await use(writeTool, { file_path: "folder/new.txt", content: "x" });
    }
    isOver = true;
    await exchanging;

    expect(reads.filter((content) => content.includes(SECRET))).toEqual([]);
    expect(readdirSync(outside)).toEqual(["secret.txt"]);
    expect(reads).toContain("1\tharmless"); // It was looked at, too.
  });

  it("is not left by any path whatever", async () => {
    const { root, use } = await workspaceWithWaysOut();
    const part = fc.constantFrom(
      "..",
      ".",
      "",
      "folder",
      "linked",
      "cwd",
      "slash",
      "~",
      "a\nb",
      "secret.txt",
      "é",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(part, fc.string()), { maxLength: 6 }), async (parts) => {
        const answer = await use(readTool, { file_path: `./${parts.join("/")}` });
        expect(answer.content).not.toContain(SECRET);
        expect(answer.content).not.toContain(root);
      }),
      { numRuns: 200 },
    );
  });

  it("takes absolute paths that are inside", async () => {
    const { root, use } = await workspaceWithWaysOut();
    expect(await use(readTool, { file_path: join(root, "inside.txt") })).toEqual({
      content: "1\tinside",
      isError: false,
    });
  });

  it("does not change a file's other name elsewhere, and keeps its rights", async () => {
    const { root, outside, use } = await workspaceWithWaysOut();
    await writeFile(join(outside, "shared"), "old", { mode: 0o750 });
    await link(join(outside, "shared"), join(root, "shared"));

    await use(writeTool, { file_path: "shared", content: "new" });

    expect(readFileSync(join(outside, "shared"), "utf8")).toBe("old");
    expect(readFileSync(join(root, "shared"), "utf8")).toBe("new");
    expect((await stat(join(root, "shared"))).mode & 0o777).toBe(0o750);
    expect(readdirSync(root).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("keeps what git, editors and agents run by themselves from being written", async () => {
    const { root, use } = await workspaceWithWaysOut();
    await mkdir(join(root, ".git", "hooks"), { recursive: true });
    const paths = [".git/hooks/post-commit", "folder/.GIT/config", ".mcp.json", ".claude/agents/a.md"];
    for (const path of paths) {
      expect(await use(writeTool, { file_path: path, content: "x" })).toMatchObject({ isError: true });
    }
  });
});
