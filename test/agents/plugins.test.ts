import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkAgents, loadAgents } from "../../src/agents/registry.ts";
import { DRIVERS } from "../../src/drivers/drivers.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";

const json = (value: unknown) => JSON.stringify(value);

/** The names that a folder's agents have, and why the rest has none. */
async function check(folder: string) {
  const report = await checkAgents(folder, DRIVERS);
  return {
    ...report,
    names: report.agents.map((agent) => agent.name).sort(),
    reasons: report.errors.map((error) => error.reason),
  };
}

describe("a folder that is a plugin", () => {
  it("gives the agents of its folder `agents` its own name and those of the folders between", async () => {
    const folder = await folderWith({
      ".claude-plugin/plugin.json": json({ name: "kit", version: "1.0.0" }),
      "agents/tester.md": agentFile("tester"),
      "agents/review/security.md": agentFile("security"),
      "agents/README.md": "# Not an agent",
      "skills/pdf/SKILL.md": agentFile("pdf"),
      "commands/go.md": "---\ndescription: a command\n---\nGo.",
    });
    const { names, errors, agents, notes } = await check(folder);
    expect(names).toEqual(["kit:review:security", "kit:tester"]);
    expect(agents.flatMap((agent) => agent.warnings)).toEqual([]);
    expect([errors, notes]).toEqual([[], undefined]);
  });

  it("that names its agents has these and no others, each once", async () => {
    const folder = await folderWith({
      ".claude-plugin/plugin.json": json({ name: "kit", agents: ["./one.md", "./more/", "more/two.md"] }),
      "one.md": agentFile("one"),
      "more/two.md": agentFile("two"),
      "more/deep/three.md": agentFile("three"),
      "agents/unnamed.md": agentFile("unnamed"),
    });
    expect(await check(folder)).toMatchObject({
      names: ["kit:deep:three", "kit:one", "kit:two"],
      errors: [],
      files: 3,
    });
  });

  it("loads what is valid and says of each other entry what is wrong with it", async () => {
    const folder = await folderWith({
      ".claude-plugin/plugin.json": json({
        name: "kit",
        agents: ["./good.md", "./gone.md", "./notes.txt", "./plain.md", 7, { file: "x" }, "./broken.md"],
      }),
      "good.md": agentFile("good"),
      "plain.md": "# A document",
      "notes.txt": "hello",
      "broken.md": "---\nname: broken\n",
    });
    const { names, reasons } = await check(folder);
    expect(names).toEqual(["kit:good"]);
    expect(reasons.sort()).toEqual([
      '"agents" has an entry that is not a path: 7',
      '"agents" has an entry that is not a path: {"file":"x"}',
      "it has no frontmatter, so it is not an agent",
      "its frontmatter has no closing line `---`",
      'plugin "kit": the path "./gone.md" does not exist',
      'plugin "kit": the path "./notes.txt" is not a Markdown file',
    ]);
  });

  it.each([
    ["not JSON", "{ name: kit }", /^it is not valid JSON: /],
    ["a list", "[]", /^it is not a JSON object$/],
    ["without a name", "{}", /^it has no name$/],
    ["named like a path", json({ name: "../x" }), /^its name has characters other than/],
    ["named like two", json({ name: "a:b" }), /^its name has characters other than/],
  ])("whose manifest is %s is named after its folder, and that is an error", async (_, text, says) => {
    const folder = await folderWith({
      "kit/.claude-plugin/plugin.json": text,
      "kit/agents/tester.md": agentFile("tester"),
    });
    const { names, errors } = await check(join(folder, "kit"));
    expect(names).toEqual(["kit:tester"]);
    expect(errors).toEqual([
      { file: join(folder, "kit/.claude-plugin/plugin.json"), reason: expect.stringMatching(says) },
    ]);
  });

  it("never reads what lies outside it, whatever its manifest and its links say", async () => {
    const outside = await folderWith({ "secret.md": agentFile("secret"), "deep/more.md": agentFile("more") });
    const ways = [
      "../secret.md",
      "a/../../secret.md",
      "..",
      "/",
      join(outside, "secret.md"),
      "./link.md",
      "./out",
    ];
    const folder = await folderWith({
      "kit/.claude-plugin/plugin.json": json({ name: "kit", agents: [...ways, "agents"] }),
      "kit/agents/tester.md": agentFile("tester"),
      "secret.md": agentFile("secret"),
    });
    const kit = join(folder, "kit");
    await symlink(join(outside, "secret.md"), join(kit, "link.md"));
    await symlink(outside, join(kit, "out"));
    await symlink(join(outside, "secret.md"), join(kit, "agents", "file.md"));
    await symlink(outside, join(kit, "agents", "folder"));
    await symlink(join(kit, "agents", "tester.md"), join(kit, "agents", "inside.md"));
    const { names, reasons, files } = await check(kit);
    expect(names).toEqual(["kit:tester"]);
    expect(files).toBe(2);
    expect(reasons.filter((reason) => reason.includes("leads out of its folder"))).toHaveLength(
      ways.length + 2,
    );
    expect(reasons.filter((reason) => reason.includes("that leads out of its folder"))).toHaveLength(4);
  });
});

describe("a folder that is a marketplace", () => {
  it("loads each plugin that is in it, with or without a manifest, and harms none for another's fault", async () => {
    const folder = await folderWith({
      ".claude-plugin/marketplace.json": `\uFEFF${json({
        name: "market",
        plugins: [
          { name: "listed", source: "./listed", strict: false, agents: ["./x.md"] },
          { name: "manifest", source: "./manifest" },
          { name: "bare", source: "./bare" },
          { name: "gone", source: "./gone" },
          { name: "out", source: "../../etc" },
          { name: "file", source: "./file.md" },
          { name: "remote", source: { source: "github", repo: "a/b" } },
          { name: "bare", source: "./listed" },
          { name: "no source" },
          { name: "sourceless" },
          "nonsense",
        ],
      })}`,
      "listed/x.md": agentFile("x"),
      "listed/y.md": agentFile("y"),
      "manifest/.claude-plugin/plugin.json": json({ name: "own-name" }),
      "manifest/agents/m.md": agentFile("m"),
      "bare/agents/b.md": agentFile("b"),
      "file.md": agentFile("file"),
    });
    const { names, reasons, notes } = await check(folder);
    expect(names).toEqual(["bare:b", "listed:x", "own-name:m"]);
    expect(reasons).toEqual([
      'plugin "bare" is listed more than once; the first one counts',
      expect.stringMatching(/^plugin "no source": its name has characters.*; it has no source$/),
      'plugin "sourceless": it has no source',
      expect.stringMatching(/^plugin 11: /),
      'plugin "gone": the path "./gone" does not exist',
      'plugin "out": the path "../../etc" leads out of its folder',
      'plugin "file": "./file.md" is not a folder',
    ]);
    expect(notes?.map((note) => note.reason)).toEqual([
      'plugin "remote" comes from elsewhere and is not loaded: {"source":"github","repo":"a/b"}',
    ]);
  });

  it("may keep its plugins in a folder of its own and be a plugin itself", async () => {
    const folder = await folderWith({
      ".claude-plugin/marketplace.json": json({
        metadata: { pluginRoot: "./plugins" },
        plugins: [
          { name: "short", source: "short" },
          { name: "long", source: "./plugins/long" },
        ],
      }),
      ".claude-plugin/plugin.json": json({ name: "self" }),
      "agents/s.md": agentFile("s"),
      "plugins/short/agents/a.md": agentFile("a"),
      "plugins/long/agents/b.md": agentFile("b"),
    });
    expect(await check(folder)).toMatchObject({ names: ["long:b", "self:s", "short:a"], errors: [] });
  });

  it("with two plugins of one name uses the first agent of each name", async () => {
    const manifest = json({ name: "same" });
    const folder = await folderWith({
      ".claude-plugin/marketplace.json": json({
        plugins: [
          { name: "one", source: "./one" },
          { name: "two", source: "./two" },
        ],
      }),
      "one/.claude-plugin/plugin.json": manifest,
      "two/.claude-plugin/plugin.json": manifest,
      "one/agents/a.md": agentFile("a"),
      "two/agents/a.md": agentFile("a"),
      "two/agents/b.md": agentFile("b"),
    });
    expect(await check(folder)).toMatchObject({
      names: ["same:a", "same:b"],
      files: 3,
      loaded: 2,
      reasons: [`its name "same:a" is taken by ${join(folder, "one/agents/a.md")}`],
    });
  });

  it("that lists its own folder loads that once", async () => {
    const folder = await folderWith({
      ".claude-plugin/marketplace.json": json({ plugins: [{ name: "self", source: "./" }] }),
      ".claude-plugin/plugin.json": json({ name: "self" }),
      "agents/s.md": agentFile("s"),
    });
    expect(await check(folder)).toMatchObject({ names: ["self:s"], errors: [], files: 1 });
  });

  it.each([
    ["[", /^it is not valid JSON/],
    ["{}", /^it has no list "plugins"$/],
  ])("whose list is %s is an error", async (text, says) => {
    const folder = await folderWith({ ".claude-plugin/marketplace.json": text });
    expect((await check(folder)).reasons).toEqual([expect.stringMatching(says)]);
  });
});

describe("the user's plugins", () => {
  const install = (installPath: string, more = {}) => [{ scope: "user", installPath, version: "1", ...more }];

  async function namesOf(userDir: string, projectDir = "/nowhere") {
    const registry = await loadAgents({ projectDir, userDir, builtinDir: "/nowhere", drivers: DRIVERS });
    return { names: registry.names, report: registry.report, registry };
  }

  it("are those installed and those put there, except where they are switched off", async () => {
    const user = await folderWith({
      ".claude/settings.json": json({ enabledPlugins: { "off@m": false, "on@m": true } }),
      ".claude/plugins/cache/m/on/1/agents/a.md": agentFile("a"),
      ".claude/plugins/cache/m/off/1/agents/a.md": agentFile("a"),
      ".claude/plugins/cache/m/left/1/agents/not-installed.md": agentFile("not-installed"),
      ".claude/plugins/placed/.claude-plugin/plugin.json": json({ name: "placed" }),
      ".claude/plugins/placed/agents/p.md": agentFile("p"),
    });
    const at = (name: string) => install(join(user, ".claude/plugins/cache/m", name, "1"));
    const plugins = { "on@m": at("on"), "off@m": at("off") };
    const home = await folderWith({ "installed_plugins.json": json({ version: 2, plugins }) });
    await symlink(join(home, "installed_plugins.json"), join(user, ".claude/plugins/installed_plugins.json"));
    const { names, report, registry } = await namesOf(user);
    expect(names).toEqual(["on:a", "placed:p"]);
    expect(report.errors).toEqual([]);
    expect(registry.get("a").source.scope).toBe("plugin");
  });

  it("of another project are left out, and a path that leads out of the folder is an error", async () => {
    const user = await folderWith({
      ".claude/plugins/installed_plugins.json": json({
        plugins: {
          "mine@m": install("cache/mine", { scope: "project", projectPath: "/my/project" }),
          "other@m": install("cache/other", { scope: "project", projectPath: "/other" }),
          "out@m": install("../../../etc"),
          "old@m": { installPath: "cache/old" },
          "odd@m": [],
        },
      }),
      ".claude/plugins/cache/mine/agents/a.md": agentFile("a"),
      ".claude/plugins/cache/other/agents/a.md": agentFile("a"),
      ".claude/plugins/cache/old/agents/a.md": agentFile("a"),
    });
    const { names, report } = await namesOf(user, "/my/project");
    expect(names).toEqual(["mine:a", "old:a"]);
    expect(report.errors.map((error) => error.reason).sort()).toEqual([
      'plugin "odd@m": it has no install path',
      expect.stringMatching(/^plugin "out@m": the path .* leads out of its folder$/),
    ]);
  });

  it("stand behind the project's agents and before the built-in ones", async () => {
    const user = await folderWith({
      ".claude/plugins/kit/.claude-plugin/plugin.json": json({ name: "kit" }),
      ".claude/plugins/kit/agents/a.md": agentFile("a", "", "from plugin"),
    });
    const same = { "a.md": agentFile("kit:a", "", "from builtin") };
    const builtinDir = await folderWith(same);
    const promptOf = async (projectDir: string) =>
      (await loadAgents({ projectDir, userDir: user, builtinDir, drivers: DRIVERS })).get("kit:a").prompt;
    expect(await promptOf("/nowhere")).toBe("from plugin");
    const project = await folderWith({ ".claude/agents/a.md": agentFile("kit:a", "", "from project") });
    expect(await promptOf(project)).toBe("from project");
  });

  it("that cannot be listed harm nothing", async () => {
    const user = await folderWith({
      ".claude/plugins/installed_plugins.json": "nonsense",
      ".claude/agents/u.md": agentFile("u"),
    });
    const { names, report } = await namesOf(user);
    expect(names).toEqual(["u"]);
    expect(report.errors).toHaveLength(1);
  });
});
