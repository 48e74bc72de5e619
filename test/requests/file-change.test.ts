import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/domain/json.ts";
import { fileChange } from "../../src/requests/file-change.ts";
import { KINDS } from "../../src/requests/kinds.ts";
import { toolRequest } from "../../src/requests/tool.ts";
import { Workspace } from "../../src/tools/workspace.ts";

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "decurion-change-")));
  await mkdir(join(folder, "work"));
  await writeFile(join(folder, "secret"), "secret\n");
  await writeFile(join(folder, "work", "a.txt"), "one\ntwo\nthree\n");
  await writeFile(join(folder, "work", "twice.txt"), "same\nsame\n");
  await writeFile(join(folder, "work", "binary"), Buffer.from([0xff, 0xfe, 0x00]));
  await symlink("../secret", join(folder, "work", "link"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const changeOf = (name: string, input: Record<string, Json>) =>
  fileChange({ name, input }, () => Workspace.open(join(folder, "work")));
const editing = (file_path: string, old_string: string, new_string: string) =>
  changeOf("Edit", { file_path, old_string, new_string });

describe("the change that a call makes to a file", () => {
  it("is a diff against the file on disk", async () => {
    const diff = "@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three";
    expect(await editing("a.txt", "two", "zwei")).toEqual({
      isNew: false,
      diff,
      shows: ["old_string", "new_string"],
    });
    expect(await changeOf("Write", { file_path: "a.txt", content: "one\nzwei\nthree\n" })).toMatchObject({
      diff,
    });
    expect(await editing(join(folder, "work", "a.txt"), "two", "zwei")).toMatchObject({ diff });
  });

  it("of a new file is the whole file", async () => {
    expect(await changeOf("Write", { file_path: "new/b.txt", content: "x\ny" })).toEqual({
      isNew: true,
      diff: "@@ -0,0 +1,2 @@\n+x\n+y\n\\ No newline at end of file",
      shows: ["content"],
    });
  });

  it("is shown by the arguments where a diff would show less, or what is outside of the workspace", async () => {
    expect(await editing("twice.txt", "same", "other")).toBeUndefined();
    expect(await editing("a.txt", "four", "vier")).toBeUndefined();
    expect(await editing("none.txt", "a", "b")).toBeUndefined();
    for (const file_path of ["binary", "link", "../secret", "/etc/hostname", "."]) {
      expect(await changeOf("Write", { file_path, content: "x" })).toBeUndefined();
    }
    expect(await changeOf("Write", { file_path: "a.txt", content: "one\ntwo\nthree\n" })).toBeUndefined();
    expect(await changeOf("Bash", { command: "ls" })).toBeUndefined();
    expect(await changeOf("constructor", { file_path: "a.txt", content: "x" })).toBeUndefined();
    expect(await changeOf("Write", { file_path: "a.txt", content: 1 })).toBeUndefined();
  });

  it("of all places is one diff", async () => {
    const input = { file_path: "twice.txt", old_string: "same", new_string: "other", replace_all: true };
    expect(await changeOf("Edit", input)).toMatchObject({
      diff: "@@ -1,2 +1,2 @@\n-same\n-same\n+other\n+other",
    });
  });
});

describe("a request about a call", () => {
  const key = {
    threadId: "00000000-0000-4000-8000-000000000001",
    executionId: "e",
    taskId: "a",
    attempt: 1,
    turn: 1,
  };
  const sectionsOf = async (name: string, input: Record<string, Json>) => {
    const call = { toolUseId: "c", name, input };
    const change = await fileChange(call, () => Workspace.open(join(folder, "work")));
    return KINDS.of({ kind: "tool" }).view(toolRequest({ key, agent: "b", call }, { change })).sections;
  };

  it("shows the path first, then the other arguments, and the change as a diff", async () => {
    const input = { replace_all: false, old_string: "two", new_string: "zwei", file_path: "a.txt" };
    expect(await sectionsOf("Edit", input)).toEqual([
      { type: "facts", facts: [{ name: "Tool", text: "Edit" }] },
      {
        type: "values",
        label: "Arguments",
        values: [
          { name: "file_path", text: "a.txt" },
          { name: "replace_all", text: "false" },
        ],
      },
      { type: "diff", label: "The change of the file", text: expect.stringContaining("-two\n+zwei") },
    ]);
  });

  it("shows arguments whatever their names", async () => {
    const input = JSON.parse('{"content":"x","__proto__":"rm -rf ~","path":"p"}');
    const [, values] = await sectionsOf("Other", input);
    expect(values).toMatchObject({
      values: [{ name: "path" }, { name: "content" }, { name: "__proto__", text: "rm -rf ~" }],
    });
  });
});
