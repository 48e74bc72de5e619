import type { AgentDefinition } from "../../domain/agent.ts";
import { isSpawningTool, SPAWNING_TOOLS, toolName } from "../../domain/tool-list.ts";
import type { ToolAskPolicy } from "../../domain/tool-policy.ts";

/**
 * Claude Code's own tools that an agent has whose file leaves the choice open. Not WebSearch, which has a price of its own
 * and so must be named.
 */
const DEFAULT_TOOLS = [
  "Read",
  "Write",
  "Edit",
  "Glob",
  "Grep",
  "Bash",
  "NotebookEdit",
  "WebFetch",
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

/** What a call of one of Claude Code's tools does, and whether a human is asked where the run does not say. */
interface Effect {
  readonly effect: "reads" | "writes";
  readonly ask?: ToolAskPolicy;
  /** Claude Code's own rules keep it to the workspace; what it would ask about is refused. */
  readonly isKeptInside?: true;
}

const READS: Effect = { effect: "reads", isKeptInside: true };
const WRITES: Effect = { effect: "writes", ask: "never", isKeptInside: true };

const EFFECTS: ReadonlyMap<string, Effect> = new Map([
  ...["Read", "Glob", "Grep", "LS", "NotebookRead", "LSP", "TodoRead", "TodoWrite"].map(
    (name) => [name, READS] as const,
  ),
  ...["ToolSearch", "EnterPlanMode", "ExitPlanMode"].map((name) => [name, READS] as const),
  ...["Write", "Edit", "MultiEdit", "NotebookEdit"].map((name) => [name, WRITES] as const),
  ["WebSearch", { effect: "reads" }],
  ["WebFetch", { effect: "reads", ask: "always" }],
]);

/** What a tool that we do not know does is not known either, so it is asked about like Bash. */
export function effectOf(tool: string): Effect {
  return EFFECTS.get(tool) ?? { effect: "writes" };
}

/** By which Claude Code has the answer; it is not a tool of the agent's. */
export const ANSWER_TOOL = "StructuredOutput";
