import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkAgents, loadAgents } from "../../src/agents/registry.ts";
import { UsageError } from "../../src/domain/errors.ts";
import { DRIVERS } from "../../src/drivers/drivers.ts";
import { PACKAGE_FOLDER } from "../support/package-folder.ts";

const BUILT_IN = join(PACKAGE_FOLDER, ".claude", "agents");
const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** A folder with these files, by path. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "decurion-agents-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const agent = (name: string, prompt = "Do it.", more = "") =>
  `---\nname: ${name}\ndescription: ${name} does it\n${more}---\n${prompt}\n`;

describe("the built-in agents", () => {
  it("are the five, without a warning, each with a prompt worth reading", async () => {
    const { agents, errors } = await checkAgents(BUILT_IN, DRIVERS);

    expect(errors).toEqual([]);
    expect(agents.map((one) => one.name).sort()).toEqual(
      ["coder", "orchestrator", "research", "validator", "whisper"].map((name) => `sydney-${name}`),
    );
    const registry = await loadAgents({ projectDir: PACKAGE_FOLDER, builtinDir: BUILT_IN, drivers: DRIVERS });
    for (const { warnings, prompt, description } of registry.list()) {
      expect(warnings).toEqual([]);
      expect(prompt.length).toBeGreaterThan(600);
      expect(description.length).toBeGreaterThan(60);
    }
  });
});

describe("agent files", () => {
  it("are read anew by each run: a file that has changed is another agent", async () => {
    const folder = await folderWith({ "a.md": agent("a", "before") });
    const promptOfA = async () =>
      (
        await loadAgents({ agentsDir: folder, projectDir: folder, builtinDir: BUILT_IN, drivers: DRIVERS })
      ).get("a").prompt;
    expect([await promptOfA(), await promptOfA()]).toEqual(["before", "before"]);

    await writeFile(join(folder, "a.md"), agent("a", "after!"));

    expect(await promptOfA()).toBe("after!");
  });
});

describe("of two agents with one name", () => {
  it("the one is used whose scope is stronger: flag, project, user, built-in", async () => {
    const file = (prompt: string) => ({ ".claude/agents/same.md": agent("same", prompt) });
    const [flag, project, user, builtin] = await Promise.all([
      folderWith({ "same.md": agent("same", "from flag") }),
      folderWith({ ...file("from project"), ".claude/agents/p.md": agent("only-project") }),
      folderWith(file("from user")),
      folderWith({ "same.md": agent("same", "from builtin"), "b.md": agent("only-builtin") }),
    ]);
    const promptOf = async (sources: Parameters<typeof loadAgents>[0]) =>
      (await loadAgents(sources)).get("same").prompt;

    const all = {
      agentsDir: flag,
      projectDir: project,
      userDir: user,
      builtinDir: builtin,
      drivers: DRIVERS,
    };
    expect(await promptOf(all)).toBe("from flag");
    expect(
      await promptOf({ projectDir: project, userDir: user, builtinDir: builtin, drivers: DRIVERS }),
    ).toBe("from project");
    expect(
      await promptOf({ projectDir: "/nowhere", userDir: user, builtinDir: builtin, drivers: DRIVERS }),
    ).toBe("from user");
    expect(await promptOf({ projectDir: "/nowhere", builtinDir: builtin, drivers: DRIVERS })).toBe(
      "from builtin",
    );
    const { names, report } = await loadAgents(all);
    expect(names).toEqual(["only-builtin", "only-project", "same"]);
    expect(report.notes?.map(({ file }) => file)).toEqual([
      ...[project, user].map((folder) => join(folder, ".claude/agents/same.md")),
      join(builtin, "same.md"),
    ]);
    expect(report.notes?.[0]?.reason).toBe(
      `its agent "same" is not used, ${join(flag, "same.md")} has that name`,
    );
  });

  it("in one folder the second is an error that names the first", async () => {
    const folder = await folderWith({ "a.md": agent("twin"), "b.md": agent("twin") });

    const { loaded, errors } = await checkAgents(folder, DRIVERS);

    expect(loaded).toBe(1);
    expect(errors).toEqual([{ file: join(folder, "b.md"), reason: expect.stringContaining("a.md") }]);
  });
});

describe("a folder of real files", () => {
  it("loads what is an agent, at any depth, and reports the rest without losing a file", async () => {
    const folder = await folderWith({
      "team/deep/good.md": agent("good"),
      "colon.md": "---\nname: colon\ndescription: Use it: always: now\n---\nGo.\n",
      "README.md": "# Just a document\n",
      "broken.md": "---\nname: broken\n",
      "empty.md": "",
      "notes.txt": agent("not-markdown"),
      "spawns.md": agent("spawns", "Go.", "tools: Read, Task\n"),
    });

    const report = await checkAgents(folder, DRIVERS);

    expect(report.agents.map((one) => one.name).sort()).toEqual(
      expect.arrayContaining(["colon", "good", "spawns"]),
    );
    expect(report.lenient).toBeGreaterThanOrEqual(1);
    expect(report.agents.find((one) => one.name === "spawns")?.tools).toEqual(["Read"]);
    expect(report.agents.map((one) => one.name)).not.toContain("not-markdown");
    const told = [...report.agents.map((one) => one.file), ...report.errors.map((one) => one.file)];
    expect(told).not.toContain(join(folder, "README.md"));
    expect(report.files).toBe(6);
  });

  it("of hundreds of files is read whole, links that lead in a circle or nowhere do no harm", async () => {
    const many = Object.fromEntries(
      Array.from({ length: 400 }, (_, index) => [`d${index % 9}/a${index}.md`, agent(`a${index}`)]),
    );
    const folder = await folderWith(many);
    await symlink(folder, join(folder, "d0", "circle"));
    await symlink(join(folder, "gone.md"), join(folder, "broken-link.md"));

    const registry = await loadAgents({
      agentsDir: folder,
      projectDir: "/nowhere",
      builtinDir: BUILT_IN,
      drivers: DRIVERS,
    });

    expect(registry.names.filter((name) => /^a\d+$/.test(name))).toHaveLength(400);
  });

  it("may hold a file that is far too long, which is an error", async () => {
    const folder = await folderWith({ "long.md": agent("long", "x".repeat(1_000_001)), "a.md": agent("a") });
    const { loaded, errors } = await checkAgents(folder, DRIVERS);
    expect(loaded).toBe(1);
    expect(errors).toEqual([{ file: join(folder, "long.md"), reason: "it is longer than 1 MB" }]);
  });

  it("may hold names that objects have", async () => {
    const folder = await folderWith({ "p.md": agent("constructor"), "q.md": agent("__proto__") });
    const registry = await loadAgents({
      agentsDir: folder,
      projectDir: "/nowhere",
      builtinDir: BUILT_IN,
      drivers: DRIVERS,
    });

    expect(registry.find("toString")).toBeUndefined();
    expect(registry.find("constructor")?.name).toBe("constructor");
  });
});

describe("an agent that is asked for", () => {
  it("is found in another case, and a close name is suggested", async () => {
    const registry = await loadAgents({ projectDir: "/nowhere", builtinDir: BUILT_IN, drivers: DRIVERS });

    expect(registry.get("Sydney_Coder").name).toBe("sydney-coder");
    expect(() => registry.get("sydney-coda")).toThrow(UsageError);
    expect(() => registry.get("sydney-coda")).toThrow(/sydney-coder/);
  });

  it("whose file cannot be used is refused with the reason", async () => {
    const agentsDir = await folderWith({ "broken.md": "---\nname: broken\n" });
    const registry = await loadAgents({
      agentsDir,
      projectDir: "/nowhere",
      builtinDir: BUILT_IN,
      drivers: DRIVERS,
    });
    expect(() => registry.get("Broken")).toThrow(
      /^There is no agent "Broken": .*broken\.md: its frontmatter has no/,
    );
  });

  it.each([
    ["missing", /does not exist/],
    ["file", /is not a folder/],
  ])("from a folder that is %s is refused in one sentence", async (kind, says) => {
    const folder = await folderWith({ file: "" });
    const agentsDir = join(folder, kind);
    await expect(
      loadAgents({ agentsDir, projectDir: folder, builtinDir: BUILT_IN, drivers: DRIVERS }),
    ).rejects.toThrow(says);
    await expect(checkAgents(agentsDir, DRIVERS)).rejects.toThrow(UsageError);
  });
});
