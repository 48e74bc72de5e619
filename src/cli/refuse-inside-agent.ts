import { NestedSpawnError } from "../domain/errors.ts";
import type { Cli } from "./cli.ts";

/** Agents never start agents, so a run must not start inside an agent's process. */
export function refuseInsideAgent({ config }: Cli): void {
  if (config.insideAgent === undefined) return;
  throw new NestedSpawnError(
    `The agent "${config.insideAgent}" started this process, and agents never start agents. Start the run outside of it.`,
  );
}
