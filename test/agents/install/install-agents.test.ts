import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installAgents } from "../../../src/agents/install/install-agents.ts";
import { loadAgents } from "../../../src/agents/registry.ts";
import { UsageError } from "../../../src/domain/errors.ts";
import { DRIVERS } from "../../../src/drivers/drivers.ts";
import { agentFile, filesIn, folderWith } from "../../support/agent-files.ts";

/** A project's folder to install to, with these files in it. */
async function project(files: Readonly<Record<string, string>> = {}) {
  const folder = await folderWith(files);
  const target = join(folder, ".claude");
  return {
    target,
    path: (file: string) => join(target, "agents", file),
    install: (source: string, force = false) => installAgents({ source, target, force }),
    names: async () =>
      (await loadAgents({ projectDir: folder, builtinDir: "/nowhere", drivers: DRIVERS })).names,
    files: () => filesIn(folder),
  };
}

describe("installAgents", () => {
  it("copies agents as they are, at any depth, and keeps their checksums", async () => {
    const colon = "---\nname: colon\ndescription: Use it: always: now\n---\r\nGo.\n";
    const source = await folderWith({
      "a.md": agentFile("a"),
      "deep/er/colon.md": colon,
      "README.md": "# No agent",
    });
    const { install, path, names, target } = await project();
    expect(await install(source)).toMatchObject({
      added: ["a.md", "deep/er/colon.md"],
      updated: [],
      removed: [],
      unchanged: [],
      errors: [],
      folder: join(target, "agents"),
    });
    expect(await readFile(path("deep/er/colon.md"), "utf8")).toBe(colon);
    expect(await names()).toEqual(["a", "colon"]);
    const lock = JSON.parse(await readFile(join(target, "agents.lock.json"), "utf8"));
    expect(Object.keys(lock.files)).toEqual(["a.md", "deep/er/colon.md"]);
    expect(lock.files["a.md"].sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("says what has changed when it is done again, and removes what is gone", async () => {
    const source = await folderWith({
      "a.md": agentFile("a"),
      "b.md": agentFile("b"),
      "c.md": agentFile("c"),
    });
    const { install, names } = await project();
    await install(source);
    expect(await install(source)).toMatchObject({ added: [], unchanged: ["a.md", "b.md", "c.md"] });
    await writeFile(join(source, "b.md"), agentFile("b", "model: opus\n"));
    await writeFile(join(source, "d.md"), agentFile("d"));
    await rm(join(source, "c.md"));
    expect(await install(source)).toMatchObject({
      added: ["d.md"],
      updated: ["b.md"],
      removed: ["c.md"],
      unchanged: ["a.md"],
    });
    expect(await names()).toEqual(["a", "b", "d"]);
  });

  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ["edited", (path) => writeFile(path, "mine"), /b\.md was edited since it was installed/],
    [
      "replaced by a link that leads nowhere",
      (path) => rm(path).then(() => symlink("/gone", path)),
      /b\.md was edited/,
    ],
  ])("loses nothing that was %s since, unless it is forced", async (_, edit, says) => {
    const source = await folderWith({ "a.md": agentFile("a"), "b.md": agentFile("b") });
    const { install, path, files, names } = await project();
    await install(source);
    await edit(path("b.md"));
    await writeFile(join(source, "a.md"), agentFile("a", "model: opus\n"));
    await writeFile(join(source, "b.md"), agentFile("b", "model: opus\n"));
    const before = await files();
    await expect(install(source)).rejects.toThrow(UsageError);
    await expect(install(source)).rejects.toThrow(says);
    expect(await files()).toEqual(before);
    expect(await install(source, true)).toMatchObject({ updated: ["a.md", "b.md"] });
    expect(await names()).toEqual(["a", "b"]);
  });

  it("does not overwrite what was never installed, or what came from elsewhere", async () => {
    const [one, other] = await Promise.all([
      folderWith({ "a.md": agentFile("a", "", "one") }),
      folderWith({ "a.md": agentFile("a", "", "other") }),
    ]);
    const { install, path } = await project({ ".claude/agents/a.md": "by hand" });
    await expect(install(one)).rejects.toThrow(/^Nothing was installed.*a\.md was written by hand/);
    await install(one, true);
    await expect(install(other)).rejects.toThrow(`was installed from ${one}`);
    expect(await readFile(path("a.md"), "utf8")).toContain("one");
  });

  it("refuses a second agent of a name, and a folder in the way, and changes nothing", async () => {
    const source = await folderWith({ "a.md": agentFile("a"), "b.md": agentFile("b") });
    const { install, files, path } = await project({ ".claude/agents/mine.md": agentFile("b") });
    const before = await files();
    await expect(install(source)).rejects.toThrow(/an agent "b" already exists: .*mine\.md/);
    expect(await files()).toEqual(before);
    await mkdir(path("a.md"));
    await expect(install(source, true)).rejects.toThrow(/a\.md is a folder/);
  });

  it("follows no link out of the source, and installs nothing outside the agents folder", async () => {
    const outside = await folderWith({ "secret.md": agentFile("secret"), "deep/more.md": agentFile("more") });
    const source = await folderWith({ "a.md": agentFile("a") });
    await symlink(join(outside, "secret.md"), join(source, "secret.md"));
    await symlink(join(outside, "deep"), join(source, "deep"));
    const { install, names } = await project();
    const { added, errors } = await install(source);
    expect(added).toEqual(["a.md"]);
    expect(errors.map((error) => error.reason)).toEqual(
      Array.from({ length: 2 }, () => "it is a link that leads out of its folder"),
    );
    expect(await names()).toEqual(["a"]);
  });

  it("takes the agents of a checkout from its .claude/agents, and of a plugin under the plugin's name", async () => {
    const checkout = await folderWith({
      ".git/HEAD": "ref: refs/heads/main\n",
      ".claude/agents/a.md": agentFile("a"),
      "docs/b.md": agentFile("b"),
    });
    const plugin = await folderWith({
      ".claude-plugin/plugin.json": JSON.stringify({ name: "kit" }),
      "agents/a.md": agentFile("a", "maxTurns: 3\n"),
      "agents/deep/c.md": agentFile("c"),
      "agents/evil.md": agentFile("kit:..:..:evil"),
    });
    const { install, names, files } = await project();
    expect(await install(checkout)).toMatchObject({ added: ["a.md"] });
    expect(await install(plugin)).toMatchObject({ added: ["kit/_/_/evil.md", "kit/a.md", "kit/deep/c.md"] });
    expect(await install(plugin)).toMatchObject({ added: [], updated: [] });
    expect(await names()).toEqual(["a", "kit:..:..:evil", "kit:a", "kit:deep:c"]);
    expect(Object.keys(await files()).every((path) => path.startsWith(".claude/agents"))).toBe(true);
  });

  it.each([
    ["that is not there", "gone", /is not a folder/],
    ["without agents", "empty", /There are no agents to install in/],
    ["that is a file", "empty/README.md", /is not a folder/],
  ])("refuses a source %s", async (_, name, says) => {
    const folder = await folderWith({ "empty/README.md": "# Nothing" });
    const { install } = await project();
    await expect(install(join(folder, name))).rejects.toThrow(says);
    await expect(install(join(folder, name))).rejects.toThrow(UsageError);
  });

  it("refuses to install a folder into itself", async () => {
    const { install, target } = await project({ ".claude/agents/a.md": agentFile("a") });
    await expect(install(join(target, "agents"))).rejects.toThrow(
      /is the folder that agents are installed into/,
    );
    await expect(install(join(target, ".."))).rejects.toThrow(/is the folder that agents are installed into/);
  });

  it.each([
    ["is no JSON", "{"],
    [
      "leads out of the folder",
      JSON.stringify({ version: 1, files: { "../../x.md": { sha256: "0".repeat(64), source: "/s" } } }),
    ],
    ["is of another version", JSON.stringify({ version: 2, files: {} })],
  ])("does nothing with a lock file that %s", async (_, text) => {
    const source = await folderWith({ "a.md": agentFile("a") });
    const { install, files } = await project({ ".claude/agents.lock.json": text });
    await expect(install(source, true)).rejects.toThrow(/^The lock file .* is not usable/);
    expect(Object.keys(await files())).toEqual([".claude/agents.lock.json"]);
  });

  it("makes no file of a plugin stronger: what counts for nothing there is left out, and said", async () => {
    const lines =
      "tools: Read\nask: always\nmcpServers: { evil: { command: evil } }\nhooks: { Stop: [] }\npermissionMode: bypassPermissions\ninitialPrompt: go\nhook: x\n";
    const source = await folderWith({
      ".claude-plugin/plugin.json": JSON.stringify({ name: "kit" }),
      "agents/a.md": agentFile("a", lines),
    });
    const { install, path } = await project();
    const { notes } = await install(source);
    const text = await readFile(path("kit/a.md"), "utf8");
    expect(text).toContain("ask: always");
    expect(text).not.toMatch(/mcpServers|hook|permissionMode|initialPrompt|evil/);
    expect(notes).toMatchObject([
      { reason: expect.stringMatching(/mcpServers, hooks, permissionMode, initialPrompt, hook left out/) },
    ]);
  });

  it("says which agents of a folder set what runs commands", async () => {
    const source = await folderWith({
      "a.md": agentFile("a", "hooks: { Stop: [] }\n"),
      "b.md": agentFile("b"),
    });
    const { install } = await project();
    expect((await install(source)).notes).toMatchObject([{ reason: expect.stringContaining("hooks") }]);
  });
});
