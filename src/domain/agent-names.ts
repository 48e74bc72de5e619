/**
 * The form in which agent names are compared, as Claude Code does it: lower case, with hyphens for spaces and
 * underscores. `Code Reviewer` matches `code-reviewer`.
 */
export function agentNameKey(name: string): string {
  return name
    .normalize("NFC")
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, "-");
}

/** The known names that match a written name: none, one, or several when it is ambiguous. */
export type AgentNameLookup = (written: string) => readonly string[];

/**
 * Looks up names: by exact match, else by `agentNameKey`, else a plugin's agent by its last part (`security` for
 * `my-plugin:review:security`). The first rule with a match decides.
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
