import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith } from "../support/agent-files.ts";
import { useBareSession } from "../support/cli-session.ts";

const run = useBareSession();

describe("where nothing has run", () => {
  it.each([
    ["list", { threads: [] }],
    ["inbox", { waiting: [] }],
    ["cost", expect.objectContaining({ costUsd: 0, lines: [] })],
  ])("%s says so, prints an empty document with --json, and starts no database", async (name, empty) => {
    const folder = await folderWith();
    const said = await run(folder, name);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain("Nothing has run here yet.");
    expect(said.stdout).toContain("npm run graph -- run orchestrate");
    const printed = await run(folder, name, "--json");
    expect(JSON.parse(printed.stdout)).toEqual(empty);
    expect(existsSync(join(folder, ".decurion"))).toBe(false);
  });

  it("db url has no address to print, and starts no database", async () => {
    const folder = await folderWith();
    expect(await run(folder, "db", "url")).toMatchObject({
      code: 2,
      stdout: "",
      stderr:
        "decurion: Nothing has run here yet. There is no database. Start it: npm run graph -- db start.\n",
    });
    expect(existsSync(join(folder, ".decurion"))).toBe(false);
  });

  it.each(["show", "watch", "history", "resume", "cancel"])("%s refuses a thread", async (name) => {
    const folder = await folderWith();
    const { code, stderr } = await run(folder, name, "7675485c");
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "decurion: Nothing has run here yet. There is no thread 7675485c.\n",
    });
    expect(existsSync(join(folder, ".decurion"))).toBe(false);
  });
});
