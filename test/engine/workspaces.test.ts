import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkWorkspace, removeWorkspaces, workspaceFolder } from "../../src/engine/workspaces.ts";
import { testFolder } from "../support/workspace.ts";

describe("a workspace that a person names", () => {
  it("must be a folder, and none of Decurion's own", async () => {
    const folder = await testFolder();
    const home = join(folder, ".decurion");
    await mkdir(join(home, "postgres"), { recursive: true });
    await symlink(home, join(folder, "other-name"));
    await mkdir(join(folder, ".decurion-too"));

    for (const fine of [folder, join(folder, ".decurion-too")]) await checkWorkspace(fine, home);
    for (const own of [home, join(home, "postgres"), join(folder, "other-name", "postgres")]) {
      await expect(checkWorkspace(own, home)).rejects.toThrow("is Decurion's own folder");
    }
    await expect(checkWorkspace(join(folder, "nowhere"), home)).rejects.toThrow("does not exist");
  });
});

describe("the workspaces of threads that are gone", () => {
  it("are removed, and no others", async () => {
    const home = await testFolder();
    for (const id of ["one", "two"]) {
      await mkdir(join(workspaceFolder(home, id), "folder"), { recursive: true });
      await writeFile(join(workspaceFolder(home, id), "folder", "file"), "x");
    }
    await removeWorkspaces(home, ["one", "never-had-one"]);
    expect([existsSync(workspaceFolder(home, "one")), existsSync(workspaceFolder(home, "two"))]).toEqual([
      false,
      true,
    ]);
  });
});
