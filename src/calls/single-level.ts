import { AsyncLocalStorage } from "node:async_hooks";
import { NestedSpawnError } from "../domain/errors.ts";

/** The agent whose work is being done in this asynchronous context, if any. */
const workingAgent = new AsyncLocalStorage<string>();

/**
 * Runs one agent. Everything the agent does happens inside, so that an attempt to run another agent from
 * there is recognised: only the workflow starts agents.
 *
 * @param insideAgent - the agent that started this process, from its environment.
 * @throws NestedSpawnError when this is already inside an agent, in this process or in one above it.
 */
export function runAsAgent<T>(
  agent: string,
  insideAgent: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const outer = workingAgent.getStore() ?? insideAgent;
  if (outer !== undefined) {
    throw new NestedSpawnError(
      `Agent "${outer}" tried to start agent "${agent}": agents never start agents, only the workflow does.`,
    );
  }
  return workingAgent.run(agent, work);
}
