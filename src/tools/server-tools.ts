import type { AgentDefinition } from "../domain/agent.ts";
import { toolName } from "../domain/tool-list.ts";
import { isRuleFor, parseToolRule } from "../domain/tool-rule.ts";

/** Tools that Anthropic's servers run themselves, within one call. */
export const SERVER_TOOLS = ["WebSearch", "WebFetch", "CodeExecution"] as const;
export type ServerToolName = (typeof SERVER_TOOLS)[number];

/**
 * The server tools that an agent's file names, by Claude Code's or the API's names. No agent inherits one: they cost
 * money. Their calls run elsewhere, so no rule can judge them: a tool with rules is left out.
 */
export function serverToolsOf({
  name: agent,
  tools,
  disallowedTools,
}: Pick<AgentDefinition, "name" | "tools" | "disallowedTools">): {
  readonly serverTools: ServerToolName[];
  readonly notes: readonly string[];
} {
  const allowed = tools === "inherit" ? [] : tools.map(parseToolRule);
  const denied = disallowedTools.map(parseToolRule);
  const named = SERVER_TOOLS.filter((name) => allowed.some((rule) => isRuleFor(rule, name)));
  const ruleOf = (name: ServerToolName) => {
    const isWhole = allowed.some((rule) => rule.about === undefined && isRuleFor(rule, name));
    return (
      denied.find((rule) => isRuleFor(rule, name)) ??
      (isWhole ? undefined : allowed.find((rule) => isRuleFor(rule, name)))
    );
  };
  return {
    serverTools: named.filter((name) => ruleOf(name) === undefined),
    notes: named.flatMap((name) => {
      const rule = ruleOf(name);
      return rule
        ? [
            `${agent} works without ${name}: Anthropic's servers run it, where ${rule.entry} cannot be judged.`,
          ]
        : [];
    }),
  };
}

/** Whether an entry of a tool list names a server tool. */
export function isServerTool(entry: string): boolean {
  return SERVER_TOOLS.some((name) => keyOf(name) === keyOf(toolName(entry)));
}

function keyOf(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
