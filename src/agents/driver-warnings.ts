import type { AgentDefinition } from "../domain/agent.ts";
import { type DriverTraits, driverNameOf } from "../domain/driver-traits.ts";
import type { LoadedAgents } from "./load-files.ts";

/**
 * Checks agents' settings against the available drivers. Removes an unknown driver from the settings. Keeps settings that
 * an agent's driver does not honour, with a warning.
 */
export function withDriverWarnings(
  { agents, report }: LoadedAgents,
  drivers: readonly DriverTraits[],
): LoadedAgents {
  const checked = agents.map((agent) => checkAgent(agent, drivers));
  const warnings = new Map(checked.map((agent) => [agent.source.file, agent.warnings]));
  const shown = report.agents.map((agent) => ({
    ...agent,
    warnings: warnings.get(agent.file) ?? agent.warnings,
  }));
  return { agents: checked, report: { ...report, agents: shown } };
}

function checkAgent(agent: AgentDefinition, drivers: readonly DriverTraits[]): AgentDefinition {
  const { executor, ...others } = agent.settings;
  const name = driverNameOf(undefined, executor);
  const driver = drivers.find((known) => known.name === name);
  if (driver) return { ...agent, warnings: [...agent.warnings, ...withoutEffect(agent, driver, drivers)] };
  const names = drivers.map((known) => known.name).join(", ");
  const warning = `"executor" is ignored: it must be one of ${names}, not "${name}"`;
  return checkAgent({ ...agent, settings: others, warnings: [...agent.warnings, warning] }, drivers);
}

function withoutEffect(
  { settings }: AgentDefinition,
  driver: DriverTraits,
  drivers: readonly DriverTraits[],
): string[] {
  const idle = Object.keys(settings).filter((key) => !honours(driver, key));
  const nowhere = idle.filter((key) => !drivers.some((other) => honours(other, key)));
  const elsewhere = idle.flatMap((key) =>
    drivers.filter((other) => honours(other, key)).map((other) => `${key} (executor ${other.name})`),
  );
  return [
    ...(nowhere.length > 0 ? [`kept, but without effect here: ${nowhere.join(", ")}`] : []),
    ...(elsewhere.length > 0 ? [`used only by other executors: ${elsewhere.join(", ")}`] : []),
  ];
}

function honours({ honours: keys }: DriverTraits, key: string): boolean {
  return keys.some((known) => known === key);
}
