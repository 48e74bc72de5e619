/** The environment variables that configurations may use; one that is not set has no value. Holds secrets: never log or store it. */
export type Variables = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

/**
 * `${NAME}` and `${NAME:-default}` in every text of a value, at any depth, are replaced by the variable's value. One that
 * may not be used is its default, or else a problem: files that came with a repository could read any secret.
 *
 * @returns also the values of variables that are in it now, or the problem as what stands after the server's name in a sentence.
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
    : `uses the environment variable ${shown}, which it may not see: add it to MCP_VARIABLES if it may`;
}
