import { join } from "node:path";
import { expect, it } from "vitest";
import { findProjectRoot } from "../src/project-root.ts";
import { folderWith } from "./support/agent-files.ts";

const DEEP = "packages/a/src/index.ts";

it.each([
  { files: ["langgraph.json", ".git/HEAD", "packages/a/package.json"], root: "" },
  { files: [".git/HEAD", "package.json", "packages/a/langgraph.json"], root: "packages/a" },
  { files: [".git/HEAD", "packages/a/package.json"], root: "" },
  { files: ["langgraph.json", "packages/a/.git", "packages/a/package.json"], root: "packages/a" },
  { files: ["package.json", "packages/a/package.json"], root: "packages/a" },
  { files: ["package.json"], root: "" },
  { files: [], root: "packages/a/src" },
])("with $files the root is at $root", async ({ files, root }) => {
  const folder = await folderWith(Object.fromEntries([...files, DEEP].map((file) => [file, "{}"])));
  expect(findProjectRoot(join(folder, "packages/a/src"), "/nowhere")).toBe(join(folder, root));
});

it.each([
  { files: [".git/HEAD", "package.json"], root: "packages/a/src" },
  { files: ["langgraph.json"], root: "" },
])("with $files in the home folder the root is at $root", async ({ files, root }) => {
  const home = await folderWith(Object.fromEntries([...files, DEEP].map((file) => [file, "{}"])));
  expect(findProjectRoot(join(home, "packages/a/src"), home)).toBe(join(home, root));
});
