import type { AgentRegistry } from "../agents/registry.ts";
import type { Driver } from "../attempts/driver.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { Ladder } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";

/** The agents of a run with their models, drivers and tools. Plans are checked against it. */
export interface AgentScope {
  readonly agents: AgentRegistry;
  /** Whether plans may use commands as validators. */
  readonly allowCommands: boolean;
  /**
   * The model of a task: from the task, else the run, else the agent's file, else the default.
   *
   * @throws UsageError for a model without a price.
   */
  modelFor(taskModel: string | null | undefined, agent: AgentDefinition): Model;
  /** The ladder of a task, which starts with that model. */
  ladderFor(taskModel: string | null | undefined, agent: AgentDefinition): Ladder;
  /**
   * The driver of an agent: from the run, else the agent's file, else the Messages API.
   *
   * @throws UsageError for an unknown driver, or one whose package is not installed.
   */
  driverFor(agent: AgentDefinition): Driver;
  /** @throws UsageError when a tool of the agent is not available. */
  checkTools(agent: AgentDefinition): void;
}
