import { describe, expect, it } from "vitest";
import {
  isSpawningTool,
  parseToolNames,
  SPAWNING_TOOLS,
  selectTools,
  toolName,
} from "../../src/domain/tool-list.ts";

describe("parseToolNames", () => {
  it.each([
    ["commas", "Read, Write,Bash", ["Read", "Write", "Bash"]],
    ["a list", ["Read", "Write"], ["Read", "Write"]],
    ["lines", "Read\nWrite", ["Read", "Write"]],
    ["bullets of both kinds", "- Read\n* Write", ["Read", "Write"]],
    ["brackets left as text", '[Read, "Write"]', ["Read", "Write"]],
    ["quotes", "`Read`, 'Write'", ["Read", "Write"]],
    ["spaces between known tools", "Read Write  Task", ["Read", "Write", "Task"]],
    ["spaces around unknown words", "Read my notes", ["Read my notes"]],
    ["repeats", "Read, Write, Read", ["Read", "Write"]],
    ["nothing", null, []],
    ["blank entries", " , ,\n", []],
    ["a number", 5, ["5"]],
    ["a mapping", { Read: true, Write: null }, ["Read", "Write"]],
    ["a list of lists and nulls", ["Read, Grep", null, { Write: 1 }], ["Read", "Grep", "Write"]],
  ])("reads %s", (_, value, names) => {
    expect(parseToolNames(value)).toEqual(names);
  });

  it("leaves commas inside parentheses to the entry", () => {
    expect(parseToolNames("Bash(git log:*, git diff:*), Agent(a, b), Read")).toEqual([
      "Bash(git log:*, git diff:*)",
      "Agent(a, b)",
      "Read",
    ]);
  });

  it("reads an open parenthesis without hanging or losing the entry", () => {
    expect(parseToolNames("Bash(git, Read")).toEqual(["Bash(git", "Read"]);
    expect(parseToolNames("(".repeat(60_000))).toHaveLength(1);
  });

  it("keeps parentheses within parentheses in one entry", () => {
    expect(parseToolNames("Bash(a, (b, c), d), Read")).toEqual(["Bash(a, (b, c), d)", "Read"]);
  });
});

describe("isSpawningTool", () => {
  it.each(SPAWNING_TOOLS)("knows %s in any case and with arguments", (tool) => {
    expect(isSpawningTool(tool)).toBe(true);
    expect(isSpawningTool(tool.toLowerCase())).toBe(true);
    expect(isSpawningTool(`${tool}(coder, tester)`)).toBe(true);
  });

  it.each(["TaskCreate", "TaskList", "Read", "mcp__agent__run", "send_message", "Agents", ""])(
    "lets %j be",
    (tool) => {
      expect(isSpawningTool(tool)).toBe(false);
    },
  );
});

describe("toolName", () => {
  it("is the entry without its arguments, or the entry when it has no name", () => {
    expect(toolName("Bash(git:*)")).toBe("Bash");
    expect(toolName("mcp__my-server__do")).toBe("mcp__my-server__do");
    expect(toolName("(odd)")).toBe("(odd)");
  });
});

describe("selectTools", () => {
  it("inherits without a tools key, with an empty one (and says so), and with any word for everything", () => {
    expect(selectTools(undefined, [])).toEqual({ tools: "inherit", warnings: [] });
    expect(selectTools(null, [])).toEqual({
      tools: "inherit",
      warnings: ['"tools" is empty, so all tools are inherited'],
    });
    for (const everything of ["*", "all", "All tools"]) {
      expect(selectTools(everything, [])).toEqual({ tools: "inherit", warnings: [] });
    }
    expect(selectTools("Read, *", [])).toEqual({
      tools: "inherit",
      warnings: ['"tools" asks for all, so naming others changes nothing: Read'],
    });
  });

  it("takes out every tool that starts agents, with a warning that names them", () => {
    expect(selectTools("Task, Read, agent(coder), Workflow", [])).toEqual({
      tools: ["Read"],
      warnings: ['Task, agent(coder), Workflow removed from "tools": only the workflow starts agents'],
    });
    const all = selectTools([...SPAWNING_TOOLS, "Read"], []);
    expect(all).toMatchObject({ tools: ["Read"] });
  });

  it("is an error when nothing else was asked for", () => {
    expect(selectTools("Task, Agent", [])).toEqual({
      error: '"tools" lists only tools that start other agents (Task, Agent)',
    });
  });

  it("is an error when the list is empty or all of it is disallowed", () => {
    expect(selectTools([], [])).toEqual({
      error: '"tools" lists nothing: leave the key out to inherit all tools',
    });
    expect(selectTools("Read", ["Read"])).toEqual({
      error: '"disallowedTools" takes away every tool that "tools" lists',
    });
  });

  it("takes away disallowed tools: by name whatever their arguments, by entry, and a whole MCP server", () => {
    const tools = "Read, Bash(git:*), Bash(ls:*), mcp__db__read, mcp__db__write, mcp__dbx__read";
    const left = (disallowed: string[]) => {
      const selected = selectTools(tools, disallowed);
      return "tools" in selected ? selected.tools : selected.error;
    };
    expect(left(["Bash"])).toEqual(["Read", "mcp__db__read", "mcp__db__write", "mcp__dbx__read"]);
    expect(left(["Bash(ls:*)"])).toContain("Bash(git:*)");
    expect(left(["Bash(ls:*)"])).not.toContain("Bash(ls:*)");
    for (const server of ["mcp__db", "mcp__db__*"]) {
      expect(left([server])).toEqual(["Read", "Bash(git:*)", "Bash(ls:*)", "mcp__dbx__read"]);
    }
    expect(left(["Rea"])).toContain("Read");
  });

  it("keeps unknown tools and names them, but not those of MCP servers", () => {
    expect(selectTools("Read, Frobnicate(x), mcp__any__thing", [])).toEqual({
      tools: ["Read", "Frobnicate(x)", "mcp__any__thing"],
      warnings: ["unknown tools kept as written: Frobnicate(x)"],
    });
  });
});
