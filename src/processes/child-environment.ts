/** The environment variable that names the agent, as `thread/task`, to every process that it starts. */
export const INSIDE_AGENT_VARIABLE = "DECURION_AGENT";

/** The variable that marks the processes of one attempt, even when they leave their parents. Each attempt has its own mark. */
export const MARK_VARIABLE = "DECURION_ATTEMPT";

/** No process of an agent may see these: the key and the database are Decurion's. */
const SECRETS = ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "DATABASE_URL"];

/**
 * Shell lines that turn an inherited environment into that of an agent's process.
 *
 * @param given - variables to set in addition. They win over the removed ones.
 */
export function environmentScript(
  { agent, mark }: { readonly agent: string; readonly mark: string },
  given: Readonly<Record<string, string>>,
): string {
  const variables = Object.entries({ ...given, [INSIDE_AGENT_VARIABLE]: agent, [MARK_VARIABLE]: mark });
  const wrong = variables.find(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong) throw new TypeError(`"${wrong[0]}" is not a valid name for an environment variable.`);
  const exports = variables.map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [`unset ${SECRETS.join(" ")}`, ...exports].join("\n");
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
