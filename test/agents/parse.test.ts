import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../src/agents/parse.ts";
import { AGENT_COLORS } from "../../src/domain/agent-settings.ts";
import { agentFile } from "../support/agent-files.ts";

function parseAgent(text: string, file = "/agents/tester.md") {
  const parsed = parseAgentFile(text, file, "project");
  if (parsed.kind !== "agent") throw new Error(`not an agent but ${JSON.stringify(parsed)}`);
  return parsed.agent;
}

function reasonOf(text: string, file = "/agents/tester.md"): string {
  const parsed = parseAgentFile(text, file);
  return parsed.kind === "error" ? parsed.reason : parsed.kind;
}

describe("parseAgentFile", () => {
  it("keeps every field that Claude Code knows, with its value", () => {
    const fields = {
      permissionMode: "acceptEdits",
      maxTurns: 12,
      skills: ["pdf", "xlsx"],
      mcpServers: { db: { command: "npx", args: ["-y", "db"], env: { A: "b" } } },
      hooks: { PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: "x" }] }] },
      memory: "project",
      background: true,
      effort: "high",
      isolation: "worktree",
      initialPrompt: "Begin.",
    };
    const lines = Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
    const own = "tools: Read, Bash, Write\ndisallowedTools: Write\nmodel: opus\ncolor: red\n";
    expect(parseAgent(agentFile("tester", own + lines.join("")))).toEqual({
      name: "tester",
      description: "Does tester things.",
      prompt: "You are tester.",
      tools: ["Read", "Bash"],
      disallowedTools: ["Write"],
      model: "opus",
      settings: { color: "red", ...fields },
      source: { file: "/agents/tester.md", scope: "project" },
      warnings: [],
      frontmatter: { color: "red", ...fields },
    });
  });

  it("needs no more than a name and a description, and then inherits tools and model", () => {
    const agent = parseAgent(agentFile("tester"));
    expect(agent).toMatchObject({ tools: "inherit", disallowedTools: [], frontmatter: {}, warnings: [] });
    expect(agent.model).toBeUndefined();
  });

  it("reads an explicit inherit as no choice of model", () => {
    for (const line of ["model: inherit\n", "model: Inherit\n", "model:\n"]) {
      expect(parseAgent(agentFile("tester", line))).toMatchObject({ model: undefined, warnings: [] });
    }
  });

  it.each(["sonnet", "opus", "haiku", "fable", "claude-sonnet-4-5", "us.anthropic.claude-x-v1:0"])(
    "takes the model %s as written, without a warning",
    (model) => {
      expect(parseAgent(agentFile("tester", `model: "${model}"\n`))).toMatchObject({ model, warnings: [] });
    },
  );

  it("keeps a model nobody knows and warns", () => {
    expect(parseAgent(agentFile("tester", "model: gpt-9\n"))).toMatchObject({
      model: "gpt-9",
      warnings: ['model "gpt-9" is not a known alias or a Claude model id. Define it in MODEL_MAP'],
    });
  });

  it("knows Claude Code's colours and warns of others", () => {
    for (const color of AGENT_COLORS) {
      expect(parseAgent(agentFile("tester", `color: ${color}\n`)).warnings).toEqual([]);
    }
    expect(parseAgent(agentFile("tester", "color: mauve\n")).warnings.join()).toMatch(
      /^"color" is ignored: it must be one of red, blue, .*, not "mauve"$/,
    );
  });

  it("keeps unknown keys and hints at the one that was meant", () => {
    const agent = parseAgent(agentFile("tester", "allowed-tools: Read\ndescripton: x\nqqqqqqqq: 1\n"));
    expect(agent.frontmatter).toEqual({ "allowed-tools": "Read", descripton: "x", qqqqqqqq: 1 });
    expect(agent.warnings).toEqual([
      "unknown keys, kept without effect: allowed-tools (did you mean tools?), " +
        "descripton (did you mean description?), qqqqqqqq",
    ]);
  });

  it("takes tools that start agents out, with a warning", () => {
    const agent = parseAgent(agentFile("tester", "tools: Task, Read, Agent(coder, tester)\n"));
    expect(agent.tools).toEqual(["Read"]);
    expect(agent.warnings).toEqual([
      'Task, Agent(coder, tester) removed from "tools": only the workflow starts agents',
    ]);
  });

  it("refuses an agent that could do nothing but start agents", () => {
    expect(reasonOf(agentFile("tester", "tools: [Task]\n"))).toBe(
      '"tools" lists only tools that start other agents (Task)',
    );
  });

  it("reads frontmatter that is not valid YAML and says first what is wrong with it", () => {
    const text = "---\nname: tester\ndescription: Use for: tests. user: hi\ncolor: mauve\n---\nTest.";
    const parsed = parseAgentFile(text, "/agents/tester.md");
    expect(parsed).toMatchObject({ kind: "agent", lenient: true });
    const agent = parseAgent(text);
    expect(agent.description).toBe("Use for: tests. user: hi");
    expect(agent.warnings[0]).toMatch(/^not valid YAML, read leniently: .* \(line 3\)$/);
    expect(parseAgentFile(agentFile("tester"), "/agents/tester.md")).toMatchObject({ lenient: false });
  });

  it("reads files from Windows with a byte order mark", () => {
    const text = `\uFEFF${agentFile("tester", "model: opus\n", "one\ntwo")}`.replaceAll("\n", "\r\n");
    expect(parseAgent(text)).toMatchObject({ model: "opus", prompt: "one\ntwo", warnings: [] });
  });

  it.each([
    ["a README", "# Agents\n\nname: not an agent\n"],
    ["an empty file", ""],
    ["frontmatter of another kind", "---\ntitle: A post\ndate: 2025-01-01\n---\nHello"],
    ["empty frontmatter", "---\n---\nHello"],
    ["text between rules", "---\nonce upon a time\n---\nHello"],
  ])("takes %s for a document", (_, text) => {
    expect(parseAgentFile(text, "/agents/README.md")).toEqual({ kind: "document" });
  });

  it("refuses frontmatter without an end, and frontmatter of absurd length", () => {
    expect(reasonOf("---\nname: tester\n\nYou test.")).toBe("its frontmatter has no closing line `---`");
    expect(reasonOf(agentFile("tester", `memory: ${"x".repeat(70_000)}\n`))).toBe(
      "its frontmatter is longer than 64 KB",
    );
  });

  it("warns of a missing description and a missing prompt", () => {
    expect(parseAgent("---\nname: tester\n---\n").warnings).toEqual([
      'no "description", which Claude Code requires and routing needs',
      "no text after the frontmatter, so the agent has no prompt",
    ]);
  });
});

describe("an agent's name", () => {
  const named = (name: string) => `---\nname: ${name}\ndescription: d\n---\nbody`;

  it("is the file's when the file does not say", () => {
    const agent = parseAgent("---\ndescription: d\n---\nbody", "/agents/deep/my-agent.MD");
    expect(agent).toMatchObject({ name: "my-agent", warnings: ['no "name", so the file name is used'] });
  });

  it("may differ from the file's, with a warning, unless only the writing differs", () => {
    expect(parseAgent(named("coder")).warnings).toEqual(['named "coder" in a file named "tester"']);
    expect(parseAgent(named("my_Tester"), "/a/my-tester.md").warnings).toEqual([]);
  });

  it("may have spaces, and then the warning says how to mention it", () => {
    expect(parseAgent(named("Code Reviewer"), "/a/code-reviewer.md")).toMatchObject({
      name: "Code Reviewer",
      warnings: ["the name has spaces: mention it as @code-reviewer"],
    });
  });

  it("keeps the characters that were written, even when YAML takes them for a number", () => {
    expect(parseAgent(named("5.10"), "/a/5.10.md")).toMatchObject({ name: "5.10", warnings: [] });
    expect(parseAgent(named("true"), "/a/true.md")).toMatchObject({ name: "true", warnings: [] });
  });

  it.each(["powershell-5.1-expert", "my-plugin:review:security", "größe", "漢字", "agent 🐴"])(
    "can be %s",
    (name) => {
      expect(parseAgent(named(name), "/a/x.md").name).toBe(name);
    },
  );

  it("is one name, however its accents are encoded", () => {
    const composed = "gr\u00F6\u00DFe";
    const agent = parseAgent(named(composed.normalize("NFD")), `/a/${composed.normalize("NFD")}.md`);
    expect(agent).toMatchObject({ name: composed, warnings: [] });
  });

  it.each(["../../etc/passwd", "a/b", "@coder", "<b>", '"a\\nb"', '"a\\e[2Jb"', "a{b}", "[a, b]", "a\\b"])(
    "cannot be %s",
    (name) => {
      expect(reasonOf(named(name))).toMatch(/^its name .* has characters that a name cannot have$/);
    },
  );

  it("has a letter or digit and at most 100 characters", () => {
    expect(reasonOf(named("'---'"))).toBe('its name "---" has no letter or digit');
    expect(reasonOf(named("n".repeat(101)))).toBe("its name is longer than 100 characters");
    expect(parseAgent(named("n".repeat(100))).name).toHaveLength(100);
  });
});
