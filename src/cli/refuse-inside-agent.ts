import { NestedSpawnError } from "../domain/errors.ts";
import type { Cli } from "./cli.ts";

/** Agents never start agents, and a command line inside an agent's process would. */
export function refuseInsideAgent({ config }: Cli): void {
  if (config.insideAgent === undefined) return;
  throw new NestedSpawnError(
    `This process was started by agent "${config.insideAgent}": agents never start agents, only the workflow does.`,
  );
}
