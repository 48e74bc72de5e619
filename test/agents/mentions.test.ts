import { describe, expect, it } from "vitest";
import { parseMentions } from "../../src/agents/mentions.ts";
import { agentNameKey, indexAgentNames } from "../../src/domain/agent-names.ts";
import { closestTo, editDistance } from "../../src/format/close-matches.ts";

const NAMES = ["coder", "research", "code-reviewer", "plug:security", "other:security", "plug:writer"];
const tasksOf = (text: string) =>
  parseMentions(text, NAMES)?.tasks.map(({ agent, text: own }) => [agent, own]);

describe("a mention", () => {
  it("opens a task whose text runs to the next one; what stands before is for all", () => {
    const found = parseMentions("We have ten workers. @research find options, and @coder build one.", NAMES);

    expect(found).toMatchObject({ context: "We have ten workers.", unknown: [] });
    expect(found?.tasks).toMatchObject([
      { agent: "research", text: "find options", prompt: "We have ten workers.\n\nfind options" },
      { agent: "coder", text: "build one.", prompt: "We have ten workers.\n\nbuild one." },
    ]);
  });

  it.each([
    [
      "neighbours share what follows them",
      "@coder and @research: look",
      [
        ["coder", "look"],
        ["research", "look"],
      ],
    ],
    [
      "one agent twice has two tasks",
      "@coder a @coder b",
      [
        ["coder", "a"],
        ["coder", "b"],
      ],
    ],
    [
      "a list",
      "- @coder: a\n- @research: b",
      [
        ["coder", "a"],
        ["research", "b"],
      ],
    ],
    ["emphasis", "**@coder** do it", [["coder", "do it"]]],
    ["text after a fence in a list", "- ```\n  @research\n  ```\n- @coder: a", [["coder", "a"]]],
    ["indented text", "    @coder: a", [["coder", "a"]]],
    ["a lone backtick", "it`s @coder a\n\nit`s b", [["coder", "a\n\nit`s b"]]],
    ["text after an escaped backtick", "\\`@coder a\\`", [["coder", "a\\`"]]],
    ["another case", "@Code-Reviewer read", [["code-reviewer", "read"]]],
    ["a plugin's agent in full", "@plug:security check", [["plug:security", "check"]]],
    ["a plugin's agent by its own name", "@writer write", [["plug:writer", "write"]]],
  ])("%s", (_, text, tasks) => {
    expect(tasksOf(text)).toEqual(tasks);
  });

  it.each([
    "Write to coder@example.com or me@coder.dev",
    "See @src/coder.ts and @types/node",
    "Install @scope/coder",
    "Use `@coder` in code",
    "Use ``a ` @coder`` in code",
    "```\n@coder do it\n```",
    "~~~ts\n@coder do it",
    "> ```\n> @coder do it\n>\n> ```",
    "- ```\n\n  @coder do it\n  ```",
    "No mention at all, 5 @ 3 euros",
    "",
  ])("is none in %j", (text) => {
    expect(parseMentions(text, NAMES)).toBeNull();
  });

  it.each([
    ["at the start of a line", "@nobody do it", ["nobody"]],
    ["close to a known name", "please @codr do it", ["codr"]],
    ["that two plugins have", "@security check", ["security"]],
  ])("of nobody known is reported %s", (_, text, unknown) => {
    expect(parseMentions(text, NAMES)?.unknown).toEqual(unknown);
  });

  it("takes no time to speak of in a text made to take long", () => {
    const text = `${"@".repeat(20_000)}coder ${"`".repeat(20_001)} ${"@a ".repeat(5000)}`;
    expect(() => parseMentions(text, NAMES)).not.toThrow();
    for (const piece of ["*a_", "[a](", "<", "> ", "`"]) {
      expect(() => parseMentions(`@coder ${piece.repeat(10_000)}`, NAMES)).not.toThrow();
    }
  });
});

describe("close names", () => {
  it("are those a few letters away, best first", () => {
    expect(closestTo("codr", NAMES)[0]).toBe("coder");
    expect(closestTo("zzzzzz", NAMES)).toEqual([]);
    expect(closestTo("x".repeat(10_000), NAMES)).toEqual([]);
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("", "abc")).toBe(3);
  });

  it("are compared as Claude Code does", () => {
    expect(agentNameKey(" Code_Reviewer ")).toBe("code-reviewer");
    expect(indexAgentNames(NAMES)("SECURITY")).toEqual(["plug:security", "other:security"]);
    expect(indexAgentNames(NAMES)("nobody")).toEqual([]);
  });
});
