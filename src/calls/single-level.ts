import { AsyncLocalStorage } from "node:async_hooks";
import { NestedSpawnError } from "../domain/errors.ts";

/** The agent that works in this asynchronous context, if any. */
const workingAgent = new AsyncLocalStorage<string>();

/**
 * Runs one agent. All its work happens inside this call, which detects a start of another agent from there: only the
 * workflow starts agents.
 *
 * @param insideAgent - the agent that started this process, from its environment.
 * @throws NestedSpawnError when this process, or one above it, already works for an agent.
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
