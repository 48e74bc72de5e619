import { describe, expect, it } from "vitest";
import { parseAgentFile } from "../../../src/agents/parse.ts";
import type { AgentRequest, AttemptContext } from "../../../src/attempts/agent-request.ts";
import type { TurnResponse } from "../../../src/calls/transport.ts";
import type { ThreadOptions } from "../../../src/domain/thread-options.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { ToolPermissions } from "../../../src/drivers/claude-code/tool-permissions.ts";
import { agentFile } from "../../support/agent-files.ts";

/** A desk without a database: nothing that is asked of it here needs one. */
function deskFor(options: Pick<ThreadOptions, "ask" | "autoApprove"> = {}, lines = ""): ToolPermissions {
  const parsed = parseAgentFile(agentFile("coder", lines), "coder.md");
  if (parsed.kind !== "agent") throw new Error("It is no agent.");
  const request = { agent: parsed.agent, taskId: "a", threadId: "t", executionId: "e" } as AgentRequest;
  return new ToolPermissions(request, {} as AttemptContext, options, 1, "/workspace");
}

function response(...names: string[]): TurnResponse {
  const calls = names.map((name, index) => ({ type: "tool_use", id: `call ${index}`, name, input: {} }));
  const content = [{ type: "text", text: "Let me see." }, ...calls];
  return { id: "m", model: "m", content, text: "", stopReason: "tool_use", usage: NO_USAGE, requestId: null };
}

describe("an answer with calls, as Claude Code is given it", () => {
  const servedBy = (desk: ToolPermissions, ...names: string[]) =>
    desk.served(response(...names)).content.length - 1;

  it.each([
    ["whole when nothing must be asked", {}, "", ["Read", "Write", "Glob"], 3],
    ["whole when it is one call", {}, "", ["Bash"], 1],
    ["cut after its first call when a later one must be asked", {}, "", ["Read", "Bash"], 1],
    ["cut when the first one must be asked", {}, "", ["Bash", "Read"], 1],
    ["whole when all is approved", { autoApprove: ["tool" as const] }, "", ["Bash", "Bash"], 2],
    [
      "whole when the run asks about nothing",
      { ask: { tool: "never" as const } },
      "",
      ["Bash", "WebFetch"],
      2,
    ],
    ["cut when the run asks about writes", { ask: { tool: "writes" as const } }, "", ["Write", "Edit"], 1],
    [
      "cut when the agent's file is stricter",
      { ask: { tool: "never" as const } },
      "ask: always\n",
      ["Read", "Read"],
      1,
    ],
    ["cut for a tool that nobody knows", {}, "", ["mcp__github__push", "Read"], 1],
    ["whole with tools that do not exist for agents", {}, "", ["Task", "Workflow"], 2],
  ])("is %s", (_, options, lines, names, served) => {
    expect(servedBy(deskFor(options, lines), ...names)).toBe(served);
  });
});

describe("the hook before a call", () => {
  it.each(["Task", "Agent", "Workflow", "Skill", "SendMessage"])(
    "refuses %s, which starts agents",
    async (tool) => {
      expect(
        await deskFor({ autoApprove: ["tool"] }).before({ tool_name: tool, tool_use_id: "x" }),
      ).toMatchObject({
        hookSpecificOutput: { permissionDecision: "deny" },
      });
    },
  );

  it("refuses when it cannot decide", async () => {
    expect(await deskFor().before({ tool_name: "Read", tool_use_id: "x" })).toMatchObject({
      hookSpecificOutput: { permissionDecision: "deny" },
    });
  });

  it("must have been asked: a call that ran without it ends the attempt", async () => {
    const desk = deskFor();
    const ran = { toolUseId: "x", content: "done", isError: false };
    await expect(desk.ended(ran)).rejects.toMatchObject({ name: "CallError", kind: "refused" });
    await desk.ended({ ...ran, isError: true }); // Refused by Claude Code itself: it did not run.

    await desk.before({ tool_name: "StructuredOutput", tool_use_id: "x" });
    await desk.ended(ran);
  });
});

describe("the rules of the agent's file, in Claude Code", () => {
  /** Whether an answer with this one call and a Read is whole: neither call waits for a human. */
  const isDenied = (lines: string, name: string, input: object) => {
    const desk = deskFor({ ask: { tool: "always" } }, lines);
    const call = { type: "tool_use", id: "call", name, input };
    const answer = response();
    const content = [...answer.content, call, { ...call, id: "other" }];
    return desk.served({ ...answer, content }).content.length === content.length;
  };

  it("forbid a call before anybody is asked", () => {
    expect(isDenied('disallowedTools: "bash(rm:*)"\n', "Bash", { command: "sudo rm x" })).toBe(true);
    expect(isDenied('disallowedTools: "bash(rm:*)"\n', "Bash", { command: "ls" })).toBe(false);
    expect(isDenied('tools: "Write(src/**)"\n', "Write", { file_path: "/workspace/src/../x" })).toBe(true);
    expect(isDenied('tools: "Write(src/**)"\n', "Write", { file_path: "/workspace/src/x" })).toBe(false);
  });

  it.each([".git/hooks/pre-commit", "deep/.Husky/x", "/workspace/.mcp.json", ".decurion/approved.json"])(
    "come with ours: no file tool writes what runs later: %s",
    (path) => {
      expect(isDenied("", "Write", { file_path: path })).toBe(true);
      expect(isDenied("", "Edit", { file_path: path })).toBe(true);
      expect(isDenied("", "Read", { file_path: path })).toBe(false);
    },
  );
});
