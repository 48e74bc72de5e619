import { readdirSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { driverContract } from "./driver-contract.ts";
import { toolContract } from "./tool-contract.ts";

const environment = () => ({ CLAUDE_AGENT_SDK: inject("agentSdk") });

/** The program itself, which a shell can start as well. */
function startClaudeCode(): string {
  const packages = join(inject("agentSdk"), "node_modules", "@anthropic-ai");
  const [platform = ""] = readdirSync(packages).filter((name) => /^claude-agent-sdk-/.test(name));
  return `"${join(packages, platform, "claude")}" -p "Do it." 2>&1`;
}

driverContract("claude-code", environment);
toolContract("claude-code", environment, startClaudeCode);
