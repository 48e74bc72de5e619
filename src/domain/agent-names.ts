/**
 * How an agent's name is compared when it is not written exactly: without regard to case, and with spaces and
 * underscores as hyphens, as Claude Code does. `Code Reviewer` is found as `code-reviewer`.
 */
export function agentNameKey(name: string): string {
  return name
    .normalize("NFC")
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "-");
}

/** The known names that a written one can mean: none, the one, or several when it is ambiguous. */
export type AgentNameLookup = (written: string) => readonly string[];

/**
 * Looks a written name up among known ones: exactly, else by `agentNameKey`, else a plugin's agent by its own
 * name alone (`security` for `my-plugin:review:security`). The first of these that matches anything decides.
 */
export function indexAgentNames(names: Iterable<string>): AgentNameLookup {
  const exact = new Set(names);
  const byKey = new Map<string, string[]>();
  const byOwnName = new Map<string, string[]>();
  for (const name of exact) {
    const key = agentNameKey(name);
    append(byKey, key, name);
    if (key.includes(":")) append(byOwnName, key.slice(key.lastIndexOf(":") + 1), name);
  }
  return (written) => {
    if (exact.has(written)) return [written];
    const key = agentNameKey(written);
    return byKey.get(key) ?? byOwnName.get(key) ?? [];
  };
}

function append(index: Map<string, string[]>, key: string, name: string): void {
  const names = index.get(key);
  if (names) names.push(name);
  else index.set(key, [name]);
}
