import { NestedSpawnError } from "../domain/errors.ts";
import type { Cli } from "./cli.ts";

/** Agents start no agents, and give no answers: the command line is for people. */
export function refuseInsideAgent({ config }: Cli): void {
  if (config.insideAgent === undefined) return;
  const name = config.insideAgent === "unknown" ? "An agent" : `The agent "${config.insideAgent}"`;
  throw new NestedSpawnError(
    `${name} started this process, and agents never start agents nor answer for people. Run the command outside of it.`,
  );
}
