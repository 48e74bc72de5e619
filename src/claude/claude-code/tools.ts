import type { AgentDefinition } from "../../agents/definition.ts";
import { isSpawningTool, SPAWNING_TOOLS, toolName } from "../../agents/tool-list.ts";

/** Claude Code's own tools that an agent has whose file leaves the choice open. */
const DEFAULT_TOOLS = [
  "Read",
  "Write",
  "Edit",
  "Glob",
  "Grep",
  "Bash",
  "NotebookEdit",
  "WebFetch",
  "WebSearch",
  "TodoWrite",
] as const;

/**
 * The tools that exist in an agent's session. Always a list: what is not on it does not exist, whereas Claude Code's list
 * of allowed tools only says what need not be asked for.
 */
export function toolsOf({ tools }: AgentDefinition): readonly string[] {
  const asked = tools === "inherit" ? DEFAULT_TOOLS : tools;
  return [...new Set(asked.filter((entry) => !isSpawningTool(entry)).map(toolName))];
}

/** What is taken away besides, should a version of Claude Code offer it all the same. */
export function disallowedTools({ disallowedTools: own }: AgentDefinition): readonly string[] {
  return [...new Set([...SPAWNING_TOOLS, ...own])];
}

/** What the hook before each call says of a tool that would start an agent. */
export const SPAWN_DENIAL = {
  hookSpecificOutput: {
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
    permissionDecisionReason: "Only the workflow starts agents: do the work yourself.",
  },
} as const;
