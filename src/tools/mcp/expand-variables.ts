/** The environment variables that configurations may use, undefined when not set. Holds secrets: never log or store it. */
export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a value, at any depth, by the variable's value. For a
 * variable that is not allowed it takes the default, and without one it reports a problem: otherwise a file from a
 * repository could read any secret.
 *
 * @returns also the values that it inserted, or the problem, to follow the server's name in a sentence.
 */
export function expandVariables(
  value: unknown,
  variables: Variables,
): { value: unknown; used: readonly string[] } | { problem: string } {
  let problem: string | undefined;
  const used = new Set<string>();
  const expandText = (text: string) =>
    text.replaceAll(REFERENCE, (_, name: string, otherwise: string | undefined) => {
      const found = Object.hasOwn(variables, name) ? variables[name] || otherwise : otherwise;
      if (found === undefined) problem ??= problemOf(name, variables);
      if (found !== undefined && found === variables[name]) used.add(found);
      return found ?? "";
    });
  const expand = (part: unknown): unknown => {
    if (typeof part === "string") return expandText(part);
    if (Array.isArray(part)) return part.map(expand);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, expand(one)]));
  };
  const expanded = expand(value);
  return problem === undefined ? { value: expanded, used: [...used] } : { problem };
}

function problemOf(name: string, variables: Variables): string {
  const shown = JSON.stringify(name.slice(0, 60));
  return Object.hasOwn(variables, name)
    ? `needs the environment variable ${shown}, which is not set`
    : `uses the environment variable ${shown}, which is not allowed. Add it to MCP_VARIABLES to allow it`;
}
