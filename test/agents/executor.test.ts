import { describe, expect, it } from "vitest";
import { executorOf } from "../../src/agents/executor.ts";
import { parseAgentFile } from "../../src/agents/parse.ts";
import { agentFile } from "../support/agent-files.ts";

function executorIn(line: string) {
  const parsed = parseAgentFile(agentFile("coder", line), "coder.md");
  if (parsed.kind !== "agent") throw new Error("It is no agent.");
  expect(parsed.agent.warnings).toEqual([]);
  return executorOf(parsed.agent);
}

describe("the executor that an agent's file asks for", () => {
  it.each([
    ["", undefined],
    ["executor:\n", undefined],
    ["executor: messages\n", "messages"],
    ["executor: claude-code\n", "claude-code"],
  ])("%j: %s", (line, executor) => {
    expect(executorIn(line)).toBe(executor);
  });

  it("must be one that there is", () => {
    expect(() => executorIn("executor: cobol\n")).toThrow(
      'Agent "coder" has the executor "cobol": it must be messages or claude-code.',
    );
  });
});
