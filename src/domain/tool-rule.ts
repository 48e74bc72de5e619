/** An entry of a tool list: a tool's name, or a rule about some of its calls. */
export interface ToolRule {
  /** As written: `Bash(git:*)`. */
  readonly entry: string;
  /** The tool's name for comparison (see `toolKey`). It may end with `*`. */
  readonly tool: string;
  /** The calls that the rule is about: the text in the parentheses; undefined for all calls. */
  readonly about: string | undefined;
  /** Whether the entry is neither a name nor a name with parentheses. */
  readonly isBroken: boolean;
}

export function parseToolRule(entry: string): ToolRule {
  const [, name = "", rest = ""] = /^([\w.*-]*)([\s\S]*)$/.exec(entry.trim()) ?? [];
  const tool = toolKey(name);
  const written = rest.trim();
  const inside = /^\(([\s\S]*)\)$/.exec(written)?.[1]?.trim();
  const isWhole = written === "" || (inside !== undefined && /^\**$/.test(inside));
  if (isWhole) return { entry, tool, about: undefined, isBroken: name === "" };
  return { entry, tool, about: inside ?? written, isBroken: name === "" || inside === undefined };
}

/** The same tool has one key in Claude Code's spelling, the API's and ours: `WebFetch`, `web_fetch`. */
export function toolKey(name: string): string {
  const lower = name.toLowerCase();
  if (lower.startsWith("mcp__")) return lower.replaceAll(/[^a-z0-9_*-]/g, "_");
  const bare = lower.replaceAll("_", "");
  return bare === "askuserquestion" ? "askhuman" : bare;
}

/** Tools that do the same as another one: who takes away the first takes away the others. */
const ALSO: ReadonlyMap<string, readonly string[]> = new Map([
  ["bash", ["monitor"]],
  ["edit", ["multiedit"]],
]);

/** Whether a rule names this tool: by its name, by its MCP server, or by a pattern that ends with `*`. */
export function isRuleFor({ tool: named }: ToolRule, tool: string): boolean {
  const key = toolKey(tool);
  if (named === "") return false;
  if (named.includes("*")) return key.startsWith(named.slice(0, named.indexOf("*")));
  if (named === key || ALSO.get(named)?.includes(key)) return true;
  return named.startsWith("mcp__") && key.startsWith(`${named.replace(/_+$/, "")}__`);
}
