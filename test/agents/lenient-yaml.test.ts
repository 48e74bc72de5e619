import { describe, expect, it } from "vitest";
import { readMapping } from "../../src/agents/lenient-yaml.ts";
import { KNOWN_KEYS } from "../../src/domain/agent.ts";

function read(...lines: string[]) {
  const mapping = readMapping(lines.join("\n"), KNOWN_KEYS, 2);
  if (!mapping) throw new Error("there is no mapping");
  return {
    ...mapping,
    values: Object.fromEntries([...mapping.entries].map(([key, entry]) => [key, entry.value])),
    texts: Object.fromEntries([...mapping.entries].map(([key, entry]) => [key, entry.text])),
  };
}

describe("readMapping of valid YAML", () => {
  it("gives every value its type and every scalar its characters", () => {
    const { values, texts, strictError, problems } = read(
      "name: 5.10",
      "description: 'It''s quoted'",
      "background: true",
      "maxTurns: 0x10",
      "tools: [Read, Write]",
      "hooks: { Stop: [{ command: x }] }",
    );
    expect(values).toEqual({
      name: 5.1,
      description: "It's quoted",
      background: true,
      maxTurns: 16,
      tools: ["Read", "Write"],
      hooks: { Stop: [{ command: "x" }] },
    });
    expect(texts).toMatchObject({ name: "5.10", description: "It's quoted", maxTurns: "0x10" });
    expect(texts["tools"]).toBe("[Read, Write]");
    expect({ strictError, problems }).toEqual({ strictError: undefined, problems: [] });
  });

  it("reads null as no text", () => {
    const { values, texts } = read("name: ~", "model:");
    expect(values).toEqual({ name: null, model: null });
    expect(texts).toEqual({ name: undefined, model: undefined });
  });

  it("reads folded and literal text", () => {
    const { values } = read("description: >", "  one", "  two", "initialPrompt: |", "  a", "  b", "");
    expect(values).toEqual({ description: "one two\n", initialPrompt: "a\nb\n" });
  });

  it("writes numbers that JSON does not have as text", () => {
    expect(read("maxTurns: .inf", "effort: .nan").values).toEqual({ maxTurns: "Infinity", effort: "NaN" });
  });

  it("keeps keys that nobody knows", () => {
    expect(read("name: a", "x-tags: [b]").values).toEqual({ name: "a", "x-tags": ["b"] });
  });
});

describe("readMapping of what YAML refuses", () => {
  it("keeps all of an unquoted description with colons, and the types of the keys around it", () => {
    const { values, strictError } = read(
      "name: reviewer",
      "description: Use it for: reviews. Examples: user: hi, agent: ho",
      "tools: [Read, Grep]",
      "background: false",
    );
    expect(values).toEqual({
      name: "reviewer",
      description: "Use it for: reviews. Examples: user: hi, agent: ho",
      tools: ["Read", "Grep"],
      background: false,
    });
    expect(strictError).toMatch(/^Nested mappings are not allowed .* \(line 3\)$/);
  });

  it("keeps the lines of such a description together, without their indentation", () => {
    const { values } = read(
      "name: a",
      "description: Use it for: x",
      "  <example>",
      "    user: hi",
      "  </example>",
      "",
      "model: opus",
    );
    expect(values["description"]).toBe("Use it for: x\n<example>\n  user: hi\n</example>");
    expect(values["model"]).toBe("opus");
  });

  it("reads tabs as spaces", () => {
    const { values, strictError } = read("name: a", "tools:", "\t- Read", "\t- Grep");
    expect(values).toEqual({ name: "a", tools: ["Read", "Grep"] });
    expect(strictError).toMatch(/tab/i);
  });

  it.each([
    ["an open double quote", 'description: "half', '"half'],
    ["an open list", "description: [half", "[half"],
    ["a reserved mark", "description: @half", "@half"],
    ["a percent sign and a colon", "description: %a: b", "%a: b"],
    ["an asterisk", "description: *bold* text: more", "*bold* text: more"],
  ])("reads %s as text", (_, line, meant) => {
    const { values, strictError } = read("name: a", line, "model: opus");
    expect(values).toEqual({ name: "a", description: meant, model: "opus" });
    expect(strictError).toBeTypeOf("string");
  });

  it("takes wrapping quotes and block marks off raw text", () => {
    expect(read("name: a: b", `description: "say "it": now"`).values["description"]).toBe('say "it": now');
    expect(read("name: a: b", "description: 'it's: so'").values["description"]).toBe("it's: so");
    expect(read("name: a: b", "description: |-", "one: *", "two").values["description"]).toBe("one: *\ntwo");
  });

  it("lets the first of a repeated key count and says so", () => {
    const { values, problems, strictError } = read("name: a", "model: opus", "model: haiku");
    expect(values).toEqual({ name: "a", model: "opus" });
    expect(problems).toEqual(['"model" is there more than once; the first one counts, not haiku']);
    expect(strictError).toMatch(/unique/);
  });

  it("says which text it left out", () => {
    const { values, problems } = read("- stray: [", "name: a");
    expect(values).toEqual({ name: "a" });
    expect(problems).toEqual(["frontmatter text before the first known key is left out: - stray: ["]);
  });

  it("knows quoted keys, and takes only whole keys at the start of a line", () => {
    const { values } = read('"name": a', "description: b: c", "  model: not a key", "names: nor this");
    expect(values).toEqual({
      name: "a",
      description: "b: c\nmodel: not a key\nnames: nor this",
    });
  });

  it("counts the error's line within the file", () => {
    const yaml = "name: a\nmodel: opus\ndescription: x: y";
    expect(readMapping(yaml, KNOWN_KEYS)?.strictError).toMatch(/\(line 3\)$/);
    expect(readMapping(yaml, KNOWN_KEYS, 10)?.strictError).toMatch(/\(line 12\)$/);
  });

  it.each([
    ["nothing", ""],
    ["text", "just some words"],
    ["a list", "- a\n- b"],
    ["broken text without a known key", "foo: bar: baz"],
  ])("finds no mapping in %s", (_, yaml) => {
    expect(readMapping(yaml, KNOWN_KEYS)).toBeUndefined();
  });
});
