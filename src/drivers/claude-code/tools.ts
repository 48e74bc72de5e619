import type { AgentDefinition } from "../../domain/agent.ts";
import { isDisallowed, isSpawningTool, SPAWNING_TOOLS, toolName } from "../../domain/tool-list.ts";
import type { ToolAskPolicy } from "../../domain/tool-policy.ts";
import { isRuleFor, parseToolRule, toolKey } from "../../domain/tool-rule.ts";

/**
 * Claude Code's own tools for an agent whose file lists none. Without WebSearch, which costs extra and so must be listed.
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
 * The tools that exist in an agent's session. Always a list: other tools do not exist then. Claude Code's list of allowed
 * tools would only say which tools need no approval.
 */
export function toolsOf({ tools, disallowedTools: disallowed }: AgentDefinition): readonly string[] {
  const asked = tools === "inherit" ? DEFAULT_TOOLS : tools;
  const kept = asked.filter((entry) => !isSpawningTool(entry) && !isDisallowed(entry, disallowed));
  return [...new Set(kept.map(toolName))];
}

/**
 * Tools to remove in addition, in case a version of Claude Code still offers them, and the agent's deny rules, which
 * Claude Code judges too. It knows a tool in one spelling alone.
 */
export function disallowedTools({ disallowedTools: own }: AgentDefinition): readonly string[] {
  return [...new Set([...SPAWNING_TOOLS, ...own.flatMap(inItsSpelling)])];
}

function inItsSpelling(entry: string): readonly string[] {
  const rule = parseToolRule(entry);
  const about = rule.about === undefined ? "" : `(${rule.about})`;
  const names = [...EFFECTS.keys(), ...DEFAULT_TOOLS, "Monitor"].filter((name) =>
    about === "" ? isRuleFor(rule, name) : rule.tool === toolKey(name),
  );
  return [entry, ...names.map((name) => `${name}${about}`)];
}

/** The effect of a Claude Code tool, and whether it needs approval by default. */
interface Effect {
  readonly effect: "reads" | "writes";
  readonly ask?: ToolAskPolicy;
  /** Claude Code's own rules keep it inside the workspace, and refuse what would need approval. */
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

/** The effect of an unknown tool is unknown too, so it needs approval like Bash. */
export function effectOf(tool: string): Effect {
  return EFFECTS.get(tool) ?? { effect: "writes" };
}

/** Claude Code's tool for the structured answer. It is not one of the agent's tools. */
export const ANSWER_TOOL = "StructuredOutput";
