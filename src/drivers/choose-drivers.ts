import type { Driver, DriverDescriptor, DriverSettings } from "../attempts/driver.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import { driverNameOf, SIMULATED } from "../domain/driver-traits.ts";
import { UsageError } from "../domain/errors.ts";

/** The drivers of one run. */
export interface RunDrivers {
  /** @throws UsageError when there is no driver with that name. */
  descriptorFor(agent: AgentDefinition): DriverDescriptor;
  /** @throws UsageError as `descriptorFor`, and when the driver's package is not installed. */
  driverFor(agent: AgentDefinition): Driver;
}

/**
 * Chooses each agent's driver: the run's choice, otherwise the one in the agent's file, otherwise the Messages API. Opens a
 * driver once: when the first agent needs it, or here when the run chooses it.
 *
 * @throws UsageError when the run chooses an unknown driver, or one whose package is not installed.
 */
export function chooseDrivers(
  descriptors: readonly DriverDescriptor[],
  settings: DriverSettings,
): RunDrivers {
  const { executor } = settings.options;
  const opened = new Map<string, Driver>();
  const descriptorNamed = (name: string): DriverDescriptor => {
    const descriptor = descriptors.find((known) => known.name === name);
    if (descriptor) return descriptor;
    const names = descriptors.map((known) => known.name).join(", ");
    throw new UsageError(`--executor must be ${names} or ${SIMULATED}, not "${name}".`);
  };
  const open = (descriptor: DriverDescriptor): Driver => {
    const driver = opened.get(descriptor.name) ?? descriptor.open(settings);
    opened.set(descriptor.name, driver);
    return driver;
  };
  const descriptorFor = (agent: AgentDefinition) =>
    descriptorNamed(driverNameOf(executor, agent.settings.executor));
  if (executor !== undefined && executor !== SIMULATED) open(descriptorNamed(executor));
  return { descriptorFor, driverFor: (agent) => open(descriptorFor(agent)) };
}
