import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyChanges } from "../../../src/agents/install/apply-changes.ts";
import { filesIn, folderWith } from "../../support/agent-files.ts";

describe("applyChanges", () => {
  it("writes, overwrites and removes, and leaves nothing else behind", async () => {
    const folder = await folderWith({ "a.md": "old", "b/c.md": "old", "other.md": "other" });
    const write = new Map([
      ["a.md", "new"],
      ["d/e/f.md", "new"],
    ]);
    await applyChanges(folder, { write, remove: ["b/c.md", "was-never-there.md"] });
    expect(await filesIn(folder)).toEqual({ "a.md": "new", "d/e/f.md": "new", "other.md": "other" });
  });

  it("makes the folder when there is none", async () => {
    const folder = join(await folderWith({}), "x", "y");
    await applyChanges(folder, { write: new Map([["a.md", "a"]]), remove: [] });
    expect(await filesIn(folder)).toEqual({ "a.md": "a" });
  });

  it("changes nothing at all when one change fails", async () => {
    const before = {
      "a.md": "old",
      "b.md": "old",
      "c.md": "old",
      blocked: "a file where a folder should be",
    };
    const folder = await folderWith(before);
    const write = new Map([
      ["a.md", "new"],
      ["n.md", "new"],
      ["blocked/x.md", "new"],
      ["c.md", "new"],
    ]);
    await expect(applyChanges(folder, { write, remove: ["b.md"] })).rejects.toThrow();
    expect(await filesIn(folder)).toEqual(before);
  });

  it("replaces a link, not the file that it leads to", async () => {
    const folder = await folderWith({ "in/.keep": "" });
    const outside = await folderWith({ "target.md": "theirs" });
    await mkdir(join(folder, "in"), { recursive: true });
    await symlink(join(outside, "target.md"), join(folder, "in", "a.md"));
    await applyChanges(join(folder, "in"), { write: new Map([["a.md", "new"]]), remove: [] });
    expect(await readFile(join(outside, "target.md"), "utf8")).toBe("theirs");
    expect(await readFile(join(folder, "in", "a.md"), "utf8")).toBe("new");
    await writeFile(join(folder, "in", "a.md"), "");
    expect(await readFile(join(outside, "target.md"), "utf8")).toBe("theirs");
  });
});
