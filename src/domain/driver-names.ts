/** Who makes an agent's attempts: our own loop over the Messages API, or Claude Code, a process an attempt. */
export const DRIVER_NAMES = ["messages", "claude-code"] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

/** Who does an agent's work: what the run says for all of them, else what its own file says. */
export function driverNameFor(
  run: DriverName | "simulated" | undefined,
  agent: DriverName | undefined,
): DriverName {
  return (run === "simulated" ? undefined : run) ?? agent ?? "messages";
}
