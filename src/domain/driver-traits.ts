import type { AgentSettings } from "./agent-settings.ts";

/** A driver as agent files know it. */
export interface DriverTraits {
  /** As `--executor` and `executor:` in an agent's file name it: lower case, digits and hyphens. */
  readonly name: string;
  /** The settings of an agent's file that it honours. */
  readonly honours: readonly (keyof AgentSettings)[];
}

/** The driver of agents for which neither the run nor the file chooses one. */
const DEFAULT_DRIVER = "messages";

/** The name of an agent's driver: the run's choice, else its file's, else the Messages API. */
export function driverNameOf(run: string | undefined, agent: string | undefined): string {
  return (run === SIMULATED ? undefined : run) ?? agent ?? DEFAULT_DRIVER;
}

/** As `--executor`: the bundled simulator answers, and each agent's file chooses its driver. */
export const SIMULATED = "simulated";
