import type { Json } from "./json.ts";
import { isRuleFor, parseToolRule } from "./tool-rule.ts";

/** The tools of an agent: exactly these, or all that the driver offers. Never empty. */
export type ToolSelection = readonly string[] | "inherit";

/**
 * Claude Code's tools that can start another agent: directly, through a workflow, skill, team or schedule, or by waking a
 * stopped agent. No driver may offer them (single level).
 */
export const SPAWNING_TOOLS: readonly string[] = [
  "Task",
  "Agent",
  "Workflow",
  "SendMessage",
  "Skill",
  "SlashCommand",
  "TeamCreate",
  "TeamDelete",
  "RemoteTrigger",
  "CronCreate",
];

const KNOWN_TOOLS: ReadonlySet<string> = new Set(
  `AskUserQuestion Bash BashOutput CronDelete CronList Edit EnterPlanMode EnterWorktree ExitPlanMode ExitWorktree
  Glob Grep KillBash KillShell LS LSP ListMcpResourcesTool Monitor MultiEdit NotebookEdit NotebookRead PowerShell
  PushNotification REPL Read ReadMcpResourceDirTool ReadMcpResourceTool ScheduleWakeup Sleep StructuredOutput
  TaskCreate TaskGet TaskList TaskOutput TaskStop TaskUpdate TodoRead TodoWrite ToolSearch WaitForMcpServers
  WebFetch WebSearch Write CodeExecution web_search web_fetch code_execution
  ask_human send_message read_messages cast_vote remember`.split(/\s+/),
);

const EVERYTHING = /^(\*|all|all tools)$/i;

/** Whether a tool entry can start an agent. It may have arguments: `Agent(coder, tester)`. */
export function isSpawningTool(entry: string): boolean {
  const name = toolName(entry).toLowerCase();
  return SPAWNING_TOOLS.some((tool) => tool.toLowerCase() === name);
}

/** The tool's name without its arguments: `Bash` of `Bash(git:*)`. */
export function toolName(entry: string): string {
  return /^[\w-]*/.exec(entry)?.[0] || entry;
}

/**
 * The entries of a tools value: a YAML list, or text with commas, line breaks or bullets. Commas inside parentheses belong
 * to the entry. Removes quotes and brackets that the lenient YAML parser leaves.
 */
export function parseToolNames(value: Json): string[] {
  const texts = Array.isArray(value) ? value.map((item) => textOfItem(item)) : [textOfItem(value)];
  return settle(texts);
}

const REFUSALS = /^(false|no|off|deny|denied|never|disabled?|0)$/i;

/** The tools that a mapping takes away instead of naming them: `{ bash: false }`. */
export function parseRefusedTools(value: Json | undefined): string[] {
  const items = Array.isArray(value) ? value : [value ?? null];
  return items.flatMap((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const refused = Object.entries(item).filter(([, one]) => REFUSALS.test(String(one)));
    return parseToolNames(refused.map(([name]) => name));
  });
}

/** The entries of `disallowedTools`. A mapping takes away everything that it names. */
export function parseDisallowed(value: Json | undefined): string[] {
  return parseToolNames(value ?? null).map((entry) => (EVERYTHING.test(entry) ? "*" : entry));
}

/** Splits until nothing changes, so that parsing is idempotent. */
function settle(texts: readonly string[]): string[] {
  const entries = [...new Set(texts.flatMap(splitEntries))];
  const isSettled =
    entries.length === texts.length && entries.every((entry, index) => entry === texts[index]);
  return isSettled ? entries : settle(entries);
}

function textOfItem(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? Object.keys(value).join(",") : String(value);
}

function splitEntries(text: string): string[] {
  const bare = text.trim().replace(/^\[([\s\S]*)\]$/, "$1");
  return (bare.match(/(?:[^,\n(]|\((?:[^()]|\([^()]*\))*\)|\()+/g) ?? [])
    .map((entry) => entry.trim().replace(/^[-*][ \t]+/, ""))
    .map((entry) => entry.replace(/^(["'`])(.*)\1$/, "$2").trim())
    .flatMap(splitAtSpaces)
    .filter((entry) => entry !== "");
}

/** `Read Write` is two tools when both are known; other spaces belong to the entry. */
function splitAtSpaces(entry: string): string[] {
  const words = entry.split(/\s+/);
  return words.every((word) => KNOWN_TOOLS.has(word) || isSpawningTool(word)) ? words : [entry];
}

/** The resolved `tools` and `disallowedTools`, or why the agent cannot be used. */
export type SelectedTools =
  | { readonly tools: ToolSelection; readonly warnings: readonly string[] }
  | { readonly error: string };

/** Resolves an agent's tools. `value` is undefined when the file has no `tools` key. */
export function selectTools(value: Json | undefined, disallowed: readonly string[]): SelectedTools {
  if (value === undefined) return { tools: "inherit", warnings: [] };
  if (value === null) return { tools: "inherit", warnings: ['"tools" is empty, so all tools are inherited'] };
  const refused = new Set(parseRefusedTools(value));
  const asked = parseToolNames(value).filter((entry) => !refused.has(entry));
  if (asked.length === 0 && refused.size > 0) return { tools: "inherit", warnings: [] };
  if (asked.some((entry) => EVERYTHING.test(entry))) return { tools: "inherit", warnings: besideAll(asked) };
  if (asked.length === 0) return { error: '"tools" lists nothing: leave the key out to inherit all tools' };
  const spawning = asked.filter(isSpawningTool);
  const kept = asked.filter((entry) => !isSpawningTool(entry));
  if (kept.length === 0) {
    return { error: `"tools" lists only tools that start other agents (${spawning.join(", ")})` };
  }
  const tools = kept.filter((entry) => !isDisallowed(entry, disallowed));
  if (tools.length === 0) return { error: '"disallowedTools" takes away every tool that "tools" lists' };
  return {
    tools,
    warnings: [
      ...(spawning.length > 0
        ? [`${spawning.join(", ")} removed from "tools": only the workflow starts agents`]
        : []),
      ...unknownTools(tools),
    ],
  };
}

function besideAll(asked: readonly string[]): string[] {
  const others = asked.filter((entry) => !EVERYTHING.test(entry));
  return others.length > 0
    ? [`"tools" asks for all, so naming others changes nothing: ${others.join(", ")}`]
    : [];
}

/** Whether one of these entries takes a tool away as a whole: by its name in any case, or by its MCP server. */
export function isDisallowed(entry: string, disallowed: readonly string[]): boolean {
  const tool = parseToolRule(entry);
  return disallowed.some((other) => {
    const rule = parseToolRule(other);
    return other === entry || (rule.about === undefined && isRuleFor(rule, tool.tool));
  });
}

function unknownTools(tools: readonly string[]): string[] {
  const unknown = tools.filter((entry) => !entry.startsWith("mcp__") && !KNOWN_TOOLS.has(toolName(entry)));
  return unknown.length > 0 ? [`unknown tools kept as written: ${unknown.join(", ")}`] : [];
}
