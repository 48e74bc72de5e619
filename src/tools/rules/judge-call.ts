import { homedir } from "node:os";
import type { AgentDefinition } from "../../domain/agent.ts";
import { isRuleFor, parseToolRule, type ToolRule, toolKey } from "../../domain/tool-rule.ts";
import { commandRules } from "./command-rules.ts";
import { domainRules } from "./domain-rules.ts";
import { hidesPath, pathRules } from "./path-rules.ts";
import type { JudgedCall, RuleKind, RulePlace } from "./rule-kind.ts";

const KINDS: readonly RuleKind[] = [commandRules, pathRules, domainRules];

/** Where the rules of an agent in this workspace start. */
export function placeIn(root: string, placesOf: RulePlace["placesOf"] = () => []): RulePlace {
  return { root, home: homedir(), placesOf };
}

type Rules = Pick<AgentDefinition, "tools" | "disallowedTools">;

function kindOf({ tool }: ToolRule): RuleKind | undefined {
  return KINDS.find(({ tools }) => tools.includes(tool));
}

/** Why an entry cannot be judged, without its name; undefined when it can, or is about all calls of its tool. */
export function problemOfRule(entry: string): string | undefined {
  const rule = parseToolRule(entry);
  if (rule.isBroken) return "it is not a rule";
  if (rule.about === undefined) return undefined;
  const kind = kindOf(rule);
  return kind ? kind.problemOf(rule.about) : "its calls cannot be judged by a rule";
}

/**
 * Judges a call by the rules of the agent's file. Deny rules are read widely, allow rules narrowly.
 *
 * @returns why the call must not run, for the agent; undefined when no rule forbids it.
 */
export function whyForbidden(
  { tools, disallowedTools }: Rules,
  call: JudgedCall,
  place: RulePlace,
): string | undefined {
  const denied = disallowedTools.map(parseToolRule).find((rule) => isDenied(rule, call, place));
  if (denied)
    return `The rule ${denied.entry} of "disallowedTools" forbids this call. ${kindOf(denied)?.hint ?? ""}`.trim();
  if (tools === "inherit") return undefined;
  const rules = tools.map(parseToolRule).filter(({ tool }) => tool === toolKey(call.tool));
  if (rules.length === 0 || rules.some(({ about }) => about === undefined)) return undefined;
  const kind = KINDS.find((one) => one.tools.includes(toolKey(call.tool)));
  const abouts = rules.flatMap(({ about }) => about ?? []);
  if (kind?.allows(abouts, call, place)) return undefined;
  return `"tools" allows ${call.tool} only by ${rules.map(({ entry }) => entry).join(", ")}, and this call does not match. ${kind?.hint ?? ""}`.trim();
}

function isDenied(rule: ToolRule, call: JudgedCall, place: RulePlace): boolean {
  const { about } = rule;
  if (about === undefined) return isRuleFor(rule, call.tool);
  const kind = kindOf(rule);
  // Rules that cannot be judged are about all calls of the tool.
  return kind ? kind.denies(rule.tool, about, call, place) : isRuleFor(rule, call.tool);
}

/** Whether deny rules hide an absolute path from the agent's searches. */
export function isHiddenByRule({ disallowedTools }: Rules, path: string, place: RulePlace): boolean {
  return disallowedTools
    .map(parseToolRule)
    .some(({ tool, about }) => about !== undefined && hidesPath(tool, about, path, place));
}
