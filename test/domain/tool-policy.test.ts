import { describe, expect, it } from "vitest";
import { type AskPolicies, mustAsk } from "../../src/domain/tool-policy.ts";

const NOBODY: AskPolicies = { run: undefined, agent: undefined, tool: undefined };

describe("whether a human is asked before a tool runs", () => {
  it.each<[string, "reads" | "writes", Partial<AskPolicies>, boolean]>([
    ["a tool that reads is not asked about", "reads", {}, false],
    ["one that writes is", "writes", {}, true],
    ["one that writes and says never is not", "writes", { tool: "never" }, false],
    ["the run's word takes the place of the tool's", "writes", { tool: "never", run: "writes" }, true],
    ["always means reads, too", "reads", { run: "always" }, true],
    ["never means nothing", "writes", { run: "never" }, false],
    ["an agent's file makes it stricter", "reads", { agent: "always" }, true],
    [
      "an agent's file makes it stricter than the run says",
      "writes",
      { run: "never", agent: "writes" },
      true,
    ],
    ["an agent's file cannot make it laxer", "writes", { agent: "never" }, true],
  ])("%s", (_, effect, policies, expected) => {
    expect(mustAsk(effect, { ...NOBODY, ...policies })).toBe(expected);
  });
});
