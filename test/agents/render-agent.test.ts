import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../src/agents/parse.ts";
import { renderAgent } from "../../src/agents/render-agent.ts";
import type { AgentDefinition } from "../../src/domain/agent.ts";
import { agentFile } from "../support/agent-files.ts";
import { uglyAgentFile } from "../support/ugly-agent-files.ts";

const FILE = "/agents/tester.md";

function parse(text: string, plugin?: string): AgentDefinition {
  const parsed = parseAgentFile(text, FILE, "project", plugin);
  if (parsed.kind !== "agent") throw new Error(`not an agent but ${JSON.stringify(parsed)}`);
  return parsed.agent;
}

function withoutWarnings({ warnings: _, ...rest }: AgentDefinition) {
  return rest;
}

describe("renderAgent", () => {
  it("writes what a person would", () => {
    const more = "tools: [Read, 'Bash(git:*)']\nmodel: opus\nmaxTurns: 7\nask: writes\nhooks: {Stop: []}\n";
    expect(renderAgent(parse(agentFile("tester", more)))).toBe(`---
name: tester
description: Does tester things.
tools: ["Read","Bash(git:*)"]
model: opus
maxTurns: 7
ask: writes
hooks: {"Stop":[]}
---

You are tester.
`);
  });

  it("makes strict YAML of what was read leniently", () => {
    const agent = parse("---\nname: tester\ndescription: Use for: tests. user: hi\n---\nTest.");
    expect(agent.warnings.join()).toMatch(/not valid YAML/);
    expect(parse(renderAgent(agent))).toEqual({ ...agent, warnings: [] });
  });

  it("leaves a plugin's name to the plugin", () => {
    const agent = { ...parse(agentFile("tester"), "kit"), name: "kit:deep:tester" };
    expect(renderAgent(agent)).toContain("name: tester\n");
  });

  it("of any file gives one that parses to the same definition, and that one gives itself", () => {
    fc.assert(
      fc.property(uglyAgentFile(), ({ text }) => {
        const parsed = parseAgentFile(text, FILE, "project");
        if (parsed.kind !== "agent") return;
        const rendered = renderAgent(parsed.agent);
        const again = parse(rendered);
        expect(withoutWarnings(again)).toEqual(withoutWarnings(parsed.agent));
        expect(again.warnings.filter((warning) => warning.includes("not valid YAML"))).toEqual([]);
        expect(renderAgent(again)).toBe(rendered);
      }),
      { numRuns: 400 },
    );
  });
});

describe("parseAgentFile", () => {
  it("never throws, and of a file that means to be an agent nothing is lost without a word", () => {
    fc.assert(
      fc.property(uglyAgentFile(), ({ text, marks }) => {
        const parsed = parseAgentFile(text, FILE, "project");
        if (parsed.kind === "error") expect(parsed.reason).not.toBe("");
        if (parsed.kind !== "agent") return;
        const all = JSON.stringify(parsed.agent);
        for (const mark of marks) expect(all, `${mark} of ${JSON.stringify(text)}`).toContain(mark);
      }),
      { numRuns: 400 },
    );
  });

  it("takes names that every object has for what they are", () => {
    const text =
      "---\nname: x\ndescription: d\ntools: Read, toString\ndisallowedTools: constructor, __proto__\n---\nbody\n";
    expect(parseAgentFile(text, FILE, "project").kind).toBe("agent");
  });

  it("never throws on any text at all", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({ unit: "binary", maxLength: 300 }).map((yaml) => `---\nname: x\n${yaml}\n---\nbody`),
      fc.json().map((json) => `---\nname: x\nhooks: ${json}\n---\n`),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(["agent", "document", "error"]).toContain(parseAgentFile(any, FILE).kind);
      }),
      { numRuns: 400 },
    );
  });
});
