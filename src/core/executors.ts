/** Who makes an agent's attempts: our own loop over the Messages API, or Claude Code, a process an attempt. */
export const EXECUTORS = ["messages", "claude-code"] as const;
export type ExecutorName = (typeof EXECUTORS)[number];

/** Who does an agent's work: what the run says for all of them, else what its own file says. */
export function executorFor(
  run: ExecutorName | "simulated" | undefined,
  agent: ExecutorName | undefined,
): ExecutorName {
  return (run === "simulated" ? undefined : run) ?? agent ?? "messages";
}
