import { describe, expect, it } from "vitest";
import { splitFrontmatter } from "../../src/agents/frontmatter.ts";

const BOM = "\uFEFF";

describe("splitFrontmatter", () => {
  it("takes the YAML and the body apart and says on which line the YAML starts", () => {
    expect(splitFrontmatter("---\nname: a\nmodel: opus\n---\n\nYou are a.\n\nReally.\n")).toEqual({
      kind: "frontmatter",
      yaml: "name: a\nmodel: opus",
      firstLine: 2,
      body: "You are a.\n\nReally.",
    });
  });

  it.each([
    ["Unix", "\n"],
    ["Windows", "\r\n"],
    ["old Macintosh", "\r"],
  ])("reads %s line ends as \\n", (_, end) => {
    expect(splitFrontmatter(["---", "name: a", "---", "one", "two"].join(end))).toEqual({
      kind: "frontmatter",
      yaml: "name: a",
      firstLine: 2,
      body: "one\ntwo",
    });
  });

  it("drops a byte order mark and allows blank lines before, which count as lines", () => {
    expect(splitFrontmatter(`${BOM}\n  \n---\nname: a\n---\nbody`)).toEqual({
      kind: "frontmatter",
      yaml: "name: a",
      firstLine: 4,
      body: "body",
    });
  });

  it("allows blank space after the marks and none before them", () => {
    expect(splitFrontmatter("--- \t\nname: a\n---  \nbody")).toMatchObject({ yaml: "name: a", body: "body" });
    expect(splitFrontmatter(" ---\nname: a\n---\nbody")).toEqual({ kind: "plain" });
  });

  it("ends at the first closing line, so that the body may have rules of its own", () => {
    expect(splitFrontmatter("---\nname: a\n---\none\n---\ntwo")).toMatchObject({ body: "one\n---\ntwo" });
  });

  it("does not take a longer rule or a rule with text for the closing line", () => {
    expect(splitFrontmatter("---\nname: a\n----\n--- x\n---\nbody")).toMatchObject({
      yaml: "name: a\n----\n--- x",
      body: "body",
    });
  });

  it("finds empty frontmatter and an empty body", () => {
    expect(splitFrontmatter("---\n---")).toEqual({
      kind: "frontmatter",
      yaml: "",
      firstLine: 2,
      body: "",
    });
  });

  it.each([
    ["nothing", ""],
    ["blank space", " \n\t\n"],
    ["a title", "# About\n\n---\nname: a\n---\n"],
    ["a rule that opens a text", "---\n\nJust text below a rule.\n"],
    ["a lone mark", "---"],
  ])("calls %s plain", (_, text) => {
    expect(splitFrontmatter(text)).toEqual({ kind: "plain" });
  });

  it("calls keys without an end unclosed", () => {
    expect(splitFrontmatter("---\nname: a\n\nYou are a.")).toEqual({ kind: "unclosed" });
    expect(splitFrontmatter("---\n\nmodel: opus\ndescription : b\n")).toEqual({ kind: "unclosed" });
  });

  it("looks for the keys of an unclosed file near its start only", () => {
    const far = `---\n${"text\n".repeat(200)}name: a\n`;
    expect(splitFrontmatter(far)).toEqual({ kind: "plain" });
  });
});
