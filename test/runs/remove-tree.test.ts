import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeTree } from "../../src/runs/remove-tree.ts";
import { testFolder } from "../support/workspace.ts";

/** Makes folders inside each other whose path is longer than the system takes. */
function digDeep(folder: string): void {
  const dig = "for i in $(seq 60); do mkdir -p $(printf 'd%.0s' $(seq 200)); cd -P ddd*; echo x > f; done";
  execFileSync("bash", ["-c", dig], { cwd: folder });
}

it("a folder deeper than the longest path is removed, with what is beside it and without what links lead to", async () => {
  const folder = await testFolder();
  const [tree, kept] = [join(folder, "tree"), join(folder, "kept")];
  await mkdir(join(tree, "closed", "inside"), { recursive: true, mode: 0o500 });
  await mkdir(kept);
  await writeFile(join(kept, "file"), "kept");
  await symlink(kept, join(tree, "link"));
  digDeep(tree);

  await removeTree(tree);

  expect(existsSync(tree)).toBe(false);
  expect(await readFile(join(kept, "file"), "utf8")).toBe("kept");
  await removeTree(tree);
});
