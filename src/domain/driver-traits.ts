import type { AgentSettings } from "./agent-settings.ts";

/** What agent files need to know of a driver. */
export interface DriverTraits {
  /** The name for `--executor` and for `executor:` in agent files: lower case, digits and hyphens. */
  readonly name: string;
  /** The settings of agent files that the driver supports. */
  readonly honours: readonly (keyof AgentSettings)[];
}

/** The driver when neither the run nor the agent's file names one. */
const DEFAULT_DRIVER = "messages";

/** The name of an agent's driver: from the run, else from its file, else the Messages API. */
export function driverNameOf(run: string | undefined, agent: string | undefined): string {
  return (run === SIMULATED ? undefined : run) ?? agent ?? DEFAULT_DRIVER;
}

/** The `--executor` value for the bundled simulator. The agents' drivers come from their files then. */
export const SIMULATED = "simulated";
