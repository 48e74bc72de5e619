import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgentBlock, AgentBlocks, sayProgress } from "../../src/nodes/agent-blocks.ts";

function blocksIn(...pieces: string[]): AgentBlock[] {
  const blocks: AgentBlock[] = [];
  const scanner = new AgentBlocks((block) => blocks.push(block));
  for (const piece of pieces) scanner.add(piece);
  return blocks;
}

const PROGRESS = `{
  "agent": "api-designer",
  "status": "designing",
  "progress": { "endpoints": 5, "note": "a \\"quoted\\" } brace {" }
}`;
const REQUEST = `{ "requesting_agent": "api-designer", "request_type": "get_context", "payload": { "query": "Which?" } }`;
const FOUND: AgentBlock[] = [
  { kind: "progress", status: "designing", progress: { endpoints: 5, note: 'a "quoted" } brace {' } },
  { kind: "context-request", requestType: "get_context", payload: { query: "Which?" } },
];
const TEXT = `Well:\n\n\`\`\`json\n${PROGRESS}\n\`\`\`\n\nfunction f() { return {}; }\n${REQUEST}\nDone.`;
const RESULT = JSON.stringify({ summary: "s", output: TEXT, confidence: 1, emotionalState: {} });

describe("AgentBlocks", () => {
  it.each([
    ["Markdown", TEXT],
    ["the strings of a result", RESULT],
    ["the strings of a result in many lines", JSON.stringify(JSON.parse(RESULT), null, 2)],
    ["a text that is nothing but blocks", PROGRESS + REQUEST],
  ])("finds progress and context requests in %s, wherever the pieces end", (_, text) => {
    expect(blocksIn(text)).toEqual(FOUND);
    expect(blocksIn(...text)).toEqual(FOUND);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), text.length];
        const pieces = ends.slice(1).map((end, index) => text.slice(ends[index], end));
        expect(blocksIn(...pieces)).toEqual(FOUND);
      }),
      { numRuns: 50 },
    );
  });

  it("tells a block as soon as it is complete", () => {
    const found: AgentBlock[] = [];
    const scanner = new AgentBlocks((block) => found.push(block));
    scanner.add(RESULT.slice(0, RESULT.indexOf("function")));
    expect(found).toEqual(FOUND.slice(0, 1));
  });

  it.each([
    ["an object of other keys", '{"name": "x", "status": "y"}'],
    ["a block without a status", '{"agent": "x", "progress": 3}'],
    ["a status that is no text", '{"agent": "x", "status": 3}'],
    ["what is not JSON", '{"agent": x, "status": "y"}'],
    ["a block that never ends", '{"agent": "x", "status": "y"'],
    ["a block that its string does not hold", '{"output": "{\\"agent\\": \\"x\\", ", "status": "y"}'],
    ["a block that is too long", `{"agent": "x", "status": "y", "progress": "${"z".repeat(5000)}"}`],
  ])("passes over %s, and finds the next", (_, text) => {
    expect(blocksIn(text)).toEqual([]);
    expect(blocksIn(`${text}\n${" ".repeat(5000)}${REQUEST}`)).toEqual(FOUND.slice(1));
  });

  it("takes progress without details, and bounds its words", () => {
    expect(blocksIn(`{"status": "${"s".repeat(999)}", "agent": "x"}`)).toEqual([
      { kind: "progress", status: `${"s".repeat(119)}…`, progress: null },
    ]);
  });

  it("finds nothing in any other text, and takes little time for one made to take much", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 10 }), (pieces) => {
        expect(blocksIn(...pieces)).toEqual([]);
      }),
    );
    expect(blocksIn(...Array.from({ length: 5000 }, () => '{"agent":'))).toEqual([]);
  });
});

describe("sayProgress", () => {
  it.each([
    ["designing", null, "designing"],
    ["designing", 40, "designing (40)"],
    ["designing", "half", "designing (half)"],
    ["designing", { endpoints_done: 5, open: ["a"] }, 'designing (endpoints done 5, open ["a"])'],
  ])("says %s, %j as %s", (status, progress, said) => {
    expect(sayProgress(status, progress)).toBe(said);
  });

  it("stays short", () => {
    expect(sayProgress("x", { y: "z".repeat(999) })).toHaveLength(120);
  });
});
