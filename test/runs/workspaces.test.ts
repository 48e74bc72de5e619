import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sessionsFolder } from "../../src/drivers/claude-code/session.ts";
import { removeFolders } from "../../src/runs/remove-folders.ts";
import { checkWorkspace, workspaceFolder } from "../../src/tools/workspaces.ts";
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

describe("the folders of threads that are gone", () => {
  it("are removed, and no others", async () => {
    const home = await testFolder();
    const foldersOf = (id: string) => [workspaceFolder(home, id), sessionsFolder(home, id)];
    for (const folder of ["one", "two"].flatMap(foldersOf)) {
      await mkdir(join(folder, "folder"), { recursive: true });
      await writeFile(join(folder, "folder", "file"), "x");
    }
    await removeFolders(home, ["one", "never-had-one"]);
    expect(foldersOf("one").map((folder) => existsSync(folder))).toEqual([false, false]);
    expect(foldersOf("two").map((folder) => existsSync(folder))).toEqual([true, true]);
  });
});
