/** The environment variable which tells every process that an agent starts what it is inside of, as `thread/task`. */
export const INSIDE_AGENT_VARIABLE = "DECURION_AGENT";

/** The variable by which the processes of one attempt are known, wherever they go: each attempt has a mark of its own. */
export const MARK_VARIABLE = "DECURION_ATTEMPT";

/** What no process of an agent may see: the key and the database are Decurion's. */
const SECRETS = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DATABASE_URL"];

/**
 * The lines of a shell which make the environment that it inherited into that of an agent's process.
 *
 * @param given - variables that are set besides; they win over those that are taken away.
 */
export function environmentScript(
  { agent, mark }: { readonly agent: string; readonly mark: string },
  given: Readonly<Record<string, string>>,
): string {
  const variables = Object.entries({ ...given, [INSIDE_AGENT_VARIABLE]: agent, [MARK_VARIABLE]: mark });
  const wrong = variables.find(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong) throw new TypeError(`"${wrong[0]}" is no name of an environment variable.`);
  const exports = variables.map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [`unset ${SECRETS.join(" ")}`, ...exports].join("\n");
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
