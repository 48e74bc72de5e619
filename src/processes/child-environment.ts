/** The environment variable that names the agent, as `thread/task`, to every process that it starts. */
export const INSIDE_AGENT_VARIABLE = "DECURION_AGENT";

/** The variable that marks the processes of one attempt, even when they leave their parents. Each attempt has its own mark. */
export const MARK_VARIABLE = "DECURION_ATTEMPT";

/** All variables of an agent's process: those that are given, and its marks. @throws TypeError for an invalid name. */
export function processVariables(
  { agent, mark }: { readonly agent: string; readonly mark: string },
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  // Without SHLVL, bash takes a pipe for a login over the network and runs ~/.bashrc.
  const variables = { SHLVL: "1", ...given, [INSIDE_AGENT_VARIABLE]: agent, [MARK_VARIABLE]: mark };
  const wrong = Object.keys(variables).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (wrong !== undefined) throw new TypeError(`"${wrong}" is not a valid name for an environment variable.`);
  return variables;
}
