import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { agentFile } from "../support/agent-files.ts";
import { useEngine } from "../support/engine.ts";
import { driverContract } from "./driver-contract.ts";
import { toolContract } from "./tool-contract.ts";

const environment = () => ({ CLAUDE_AGENT_SDK: inject("agentSdk"), SANDBOX: "auto" });

/** The program itself, which a shell can start as well. */
function startClaudeCode(): string {
  const packages = join(inject("agentSdk"), "node_modules", "@anthropic-ai");
  const [platform = ""] = readdirSync(packages).filter((name) => /^claude-agent-sdk-/.test(name));
  return `"${join(packages, platform, "claude")}" -p "Do it." 2>&1`;
}

driverContract("claude-code", environment);
toolContract("claude-code", environment, startClaudeCode);

describe("an agent whose file asks for Claude Code", () => {
  const testEngine = useEngine({
    environment: { DECURION_HOME: mkdtempSync(join(tmpdir(), "decurion-executor-")), ...environment() },
  });
  const AGENTS = mkdtempSync(join(tmpdir(), "decurion-agents-"));
  const agents = { coder: "executor: claude-code\ntools: Read\n", writer: "tools: Read\n" };
  for (const [name, lines] of Object.entries(agents))
    writeFileSync(join(AGENTS, `${name}.md`), agentFile(name, lines));
  const currentTasks = Object.keys(agents).map((agent) => ({
    id: agent,
    agent,
    description: agent,
    prompt: "Explain the moon. It is round.",
    dependsOn: [],
  }));

  it.each([
    ["has it, beside one whose file does not", undefined, 1],
    ["has it not where the run says otherwise", "messages" as const, 0],
    ["is not alone where the run says so", "claude-code" as const, 2],
  ])("%s", async (_, executor, processes) => {
    const options = {
      agentsDir: AGENTS,
      autoApprove: ["plan" as const],
      synthesis: false,
      ...(executor && { executor }),
    };
    const { engine, run } = testEngine();
    const { status, thread } = await run({ input: "x", currentTasks }, options);

    expect(status).toBe("completed");
    const sessions = await readdir(join(engine.config.home, "claude-code", thread, "projects"), {
      recursive: true,
    }).catch(() => []);
    expect(sessions.filter((file) => file.endsWith(".jsonl"))).toHaveLength(processes);
  });
});
