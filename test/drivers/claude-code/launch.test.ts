import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { agentEnvironment } from "../../../src/domain/agent-environment.ts";
import { launchClaudeCode } from "../../../src/drivers/claude-code/launch.ts";
import { UNCONFINED } from "../../../src/processes/confinement.ts";
import { ProcessScope } from "../../../src/processes/process-scope.ts";

const PLACES = { workspace: "/", configFolder: "/", packageFolder: "/", proxy: { port: 1, socket: "/" } };

async function saidBy(script: string, environment: Record<string, string> = {}) {
  const confinement = { ...UNCONFINED, environment: agentEnvironment(process.env, []) };
  const memory = new ProcessScope("thread/task", 800, { confinement });
  onTestFinished(() => memory.close());
  const { signal } = new AbortController();
  const launch = { command: "sh", args: ["-c", script, "sh", "an argument"], cwd: "/" };
  const child = launchClaudeCode(launch, environment, PLACES, { memory, signal });
  const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return said;
}

describe("the process of Claude Code", () => {
  it("sees nothing of our environment but what it needs", async () => {
    process.env["ANTHROPIC_API_KEY"] = "secret";
    process.env["SOMEBODY_ELSES_TOKEN"] = "secret too\nwith a line";
    onTestFinished(() => {
      delete process.env["ANTHROPIC_API_KEY"];
      delete process.env["SOMEBODY_ELSES_TOKEN"];
    });
    const said = await saidBy("env", { ANTHROPIC_BASE_URL: "http://127.0.0.1:1", GIVEN: "it's given" });

    expect(said).not.toContain("secret");
    expect(said).not.toContain("DATABASE_URL");
    expect(said).toContain("GIVEN=it's given\n");
    expect(said).toContain("DECURION_AGENT=thread/task\n");
    expect(said).toContain(`PATH=${process.env["PATH"]}\n`);
  });

  it("is started with its arguments, where it is to work", async () => {
    expect(await saidBy('pwd; echo "$1"')).toBe("/\nan argument\n");
  });
});
