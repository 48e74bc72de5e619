import { describe, expect, it } from "vitest";
import { folderWith } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";

const testEngine = useEngine({
  latencyMs: 30,
  environment: { BUDGET_USD: "50" },
  limits: { requestsPerMinute: 120 },
  scenario: {
    faults: [
      { status: 429, retryAfter: 0.5, when: { match: "stormy", times: 10 } },
      {
        status: 429,
        code: "enforced_spend_limit_reached",
        message: "the month's money",
        when: { match: "spent" },
      },
      { kind: "stall", afterEvents: 0, when: { match: "silent first", times: 1 } },
      { kind: "cut-socket", when: { match: "cut first", times: 1 } },
    ],
  },
});

async function runTasks(count: number, prompt: string, agent = "sydney-coder", agentsDir?: string) {
  const { run, claude } = testEngine();
  claude.reset();
  const currentTasks = Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    agent,
    description: "x",
    prompt: `${prompt} ${index}`,
    dependsOn: [],
  }));
  const options = { autoApprove: ["plan" as const], synthesis: false, parallel: 10 };
  return run({ input: "x", currentTasks }, { ...options, ...(agentsDir && { agentsDir }) });
}

describe("ten agents that are all told to come back later", () => {
  it("make no storm: no more than 1.3 requests for each one needed", async () => {
    const { status } = await runTasks(60, "stormy");
    const { requests, faults } = testEngine().claude.account();

    expect(status).toBe("completed");
    expect(faults["429"]).toBe(10);
    expect(requests).toBeLessThanOrEqual(60 * 1.3);
  });
});

describe("a server's rate limits", () => {
  it("are kept before they hurt: what its headers say is left is not overdrawn", async () => {
    const { status } = await runTasks(126, "calm");
    const { requests, faults } = testEngine().claude.account();

    expect(status).toBe("completed");
    expect(faults["error-429"] ?? 0).toBe(0);
    expect(requests).toBe(126);
  });
});

describe("a spend limit", () => {
  it("stops every call at once, with one question and the server's words", async () => {
    const report = await runTasks(30, "spent");

    expect(report.status).toBe("waiting");
    expect(report.waiting).toHaveLength(1);
    expect(report.waiting[0]?.summary).toMatch(
      /no money left or reached its spending limit.*the month's money/,
    );
    expect(testEngine().claude.account().requests).toBeLessThanOrEqual(10);
  });
});

describe("agents that share a long prompt", () => {
  it("send one first, which writes the cache that all the others read", async () => {
    const prompt = "You know much about queues and say what you know. ".repeat(120);
    const agentsDir = await folderWith({ "expert.md": `---\nname: expert\ndescription: x\n---\n${prompt}` });

    const { status, tokens } = await runTasks(10, "calm", "expert", agentsDir);

    expect(status).toBe("completed");
    expect(tokens.cacheWrite).toBeGreaterThan(1000);
    expect(tokens.cacheRead).toBeGreaterThanOrEqual(9 * tokens.cacheWrite - 10);
    expect(testEngine().claude.account().tokens.cacheWrite5m).toBe(tokens.cacheWrite);
  });
});
