import type { AgentRegistry } from "../agents/registry.ts";
import type { Driver } from "../attempts/driver.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { Ladder } from "../domain/ladder.ts";
import type { Model } from "../domain/model.ts";

/** The agents of a run, the models they work on, and the drivers that make their attempts. A plan is checked against it. */
export interface AgentScope {
  readonly agents: AgentRegistry;
  /** Whether plans may name commands that validate results. */
  readonly allowCommands: boolean;
  /**
   * The model for an agent's work: the task's own choice, else the run's, else the agent file's, else the default.
   *
   * @throws UsageError for a model without a price.
   */
  modelFor(taskModel: string | null | undefined, agent: AgentDefinition): Model;
  /** The models that an agent's work is tried on, that one first. */
  ladderFor(taskModel: string | null | undefined, agent: AgentDefinition): Ladder;
  /**
   * The driver of an agent's attempts: the run's choice, else the agent file's, else the Messages API.
   *
   * @throws UsageError for a driver that is not known, or whose package is not installed.
   */
  driverFor(agent: AgentDefinition): Driver;
  /** @throws UsageError when an agent cannot have the tools that it asks for. */
  checkTools(agent: AgentDefinition): void;
}
