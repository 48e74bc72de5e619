import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { globTool } from "../../src/tools/builtin/glob.ts";
import { Workspace } from "../../src/tools/workspace.ts";
import { testFolder } from "../support/workspace.ts";

it("a deep tree is looked into as far as people make them, with a note", async () => {
  const folder = await testFolder();
  execFileSync(
    "bash",
    ["-c", "echo top > a; for i in $(seq 400); do mkdir d; cd -P d; echo deep > a; done"],
    {
      cwd: folder,
    },
  );
  const workspace = await Workspace.open(folder, []);
  const { signal } = new AbortController();
  const context = { workspace, signal } as Parameters<typeof globTool.run>[1];

  for (const output of [await globTool.run({ pattern: "**/a" }, context)]) {
    const content = typeof output === "string" ? output : output.content;
    expect(content).toMatch(/^a$/m);
    expect(content).toMatch(/too deep folders/);
    expect(content.split("\n").length).toBeLessThan(100);
  }
});
