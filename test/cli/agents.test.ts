import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../src/agents/parse.ts";
import { agentFile, folderWith } from "../support/agent-files.ts";
import { useCli } from "../support/cli.ts";

const cli = useCli();

describe("agents check", () => {
  it("prints one JSON document with every agent and error, and fails when there is an error", async () => {
    const folder = await folderWith({
      "good.md": agentFile("good", "tools: Read, Bash\nmodel: opus\n"),
      "colon.md": "---\nname: colon\ndescription: Use it: always: now\n---\nGo.\n",
      "broken.md": "---\nname: broken\n",
      "README.md": "# A document\n",
    });
    const { code, stdout } = await cli().run(["agents", "check", folder, "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      files: 4,
      loaded: 2,
      lenient: 1,
      agents: [
        {
          name: "colon",
          file: join(folder, "colon.md"),
          model: null,
          tools: "inherit",
          disallowedTools: [],
          settings: {},
          warnings: [expect.stringMatching(/^not valid YAML, read leniently: /)],
        },
        {
          name: "good",
          file: join(folder, "good.md"),
          model: "opus",
          tools: ["Read", "Bash"],
          disallowedTools: [],
          settings: {},
          warnings: [],
        },
      ],
      errors: [{ file: join(folder, "broken.md"), reason: "its frontmatter has no closing line `---`" }],
    });
  });

  it("passes a folder whose only other files are documents", async () => {
    const folder = await folderWith({ "good.md": agentFile("good"), "README.md": "# A document\n" });
    const { code, stdout } = await cli().run(["agents", "check", folder]);
    expect([code, stdout]).toEqual([
      0,
      "2 files: 1 agent loaded.\ngood: model any; executor any; tools all; asks as the run says\nNo problems.\n",
    ]);
  });
});

describe("agents list", () => {
  it("says which files are not used, and why", async () => {
    const folder = await folderWith({
      "a.md": agentFile("sydney-coder"),
      "broken.md": "---\nname: broken\n",
    });
    const { code, stdout, stderr } = await cli().run(["agents", "list", "--agents-dir", folder]);
    expect(code).toBe(0);
    expect(stdout).toContain("sydney-coder");
    expect(stderr).toContain(`${join(folder, "broken.md")}: its frontmatter has no closing line`);
    expect(stderr).toContain(`its agent "sydney-coder" is not used, ${join(folder, "a.md")} has that name`);
  });
});

describe("a plan file", () => {
  it("need not name agents: the report says who did a task", async () => {
    const tasks = [{ id: "a", prompt: "Find out what others say and compare the sources" }];
    const folder = await folderWith({ "plan.json": JSON.stringify({ tasks }) });
    const options = ["--plan", join(folder, "plan.json"), "--auto-approve", "--no-synthesis", "--json"];
    const { code, stdout } = await cli().run(["run", "orchestrate", ...options]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).tasks).toMatchObject([
      { id: "a", agent: "sydney-research", status: "completed" },
    ]);
  });
});

describe("agents show --markdown", () => {
  it("prints a file that gives the same agent", async () => {
    const folder = await folderWith({ "colon.md": "---\nname: colon\ndescription: Use it: now\n---\nGo.\n" });
    const { stdout } = await cli().run(["agents", "show", "colon", "--agents-dir", folder, "--markdown"]);
    expect(parseAgentFile(stdout, "colon.md")).toMatchObject({
      kind: "agent",
      lenient: false,
      agent: { name: "colon", description: "Use it: now", prompt: "Go.", warnings: [] },
    });
  });
});

describe("agents add", () => {
  it("installs for the project or the user, says what has changed, and keeps what was edited", async () => {
    const source = await folderWith({ "a.md": agentFile("a"), "b.md": agentFile("b") });
    const folder = join(cli().folder, ".claude", "agents");
    const first = await cli().run(["agents", "add", source]);
    expect(first).toMatchObject({ code: 0, stdout: `2 added in ${folder}\n+ a.md\n+ b.md\n` });
    await writeFile(join(source, "b.md"), agentFile("b", "model: opus\n"));
    const again = await cli().run(["agents", "add", source, "--json", "--scope=project"]);
    expect(JSON.parse(again.stdout)).toEqual({
      scope: "project",
      notes: [],
      folder,
      source,
      added: [],
      updated: ["b.md"],
      removed: [],
      unchanged: ["a.md"],
      errors: [],
    });
    await writeFile(join(folder, "b.md"), "mine");
    await writeFile(join(source, "b.md"), agentFile("b"));
    const refused = await cli().run(["agents", "add", source]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(
      "b.md was edited since it was installed. Add --force to overwrite them.",
    );
    expect(await cli().run(["agents", "add", source, "--force"])).toMatchObject({ code: 0 });
    expect(await cli().run(["agents", "add", source, "--scope", "me"])).toMatchObject({ code: 2 });
  });
});

it("agents check says what each agent ends up with", async () => {
  const lines =
    'model: opus\ntools: ["Read", "Bash(git:*)"]\ndisallowedTools: ["Read(secret/**)"]\nask: always\nexecutor: messages\nmcpServers: { db: { command: node, args: [db.js] } }\n';
  const { stdout } = await cli().run([
    "agents",
    "check",
    await folderWith({ "a.md": agentFile("a", lines) }),
  ]);
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    "a: model opus; executor messages; tools Read, Bash(git:*); without Read(secret/**); MCP servers, once approved: db (node db.js); asks always",
  );
});
