import { CONTEXT_CHARACTERS, renderResults } from "../attempts/agent-prompt.ts";
import { UsageError } from "../domain/errors.ts";
import type { Validator } from "../domain/validator.ts";
import { namedResults } from "../postgres/agent-coordination/thread-results.ts";
import { claudeExecutor } from "./claude-executor.ts";
import { executorNodeOf } from "./executor-tasks.ts";
import { activeThread, type NodeContext } from "./runtime.ts";
import type { StateOf, WorkflowState } from "./state.ts";

/** One task for one agent, as a node of a graph with fixed steps. */
export interface AgentNodeOptions<State> {
  readonly agent: string;
  /** The prompt, or a function of the graph's state. */
  readonly prompt: string | ((state: State, context: NodeContext) => string | Promise<string>);
  /** The task's id, unique in the thread; default: the node's name. */
  readonly id?: string;
  readonly description?: string;
  /** Ids of tasks of earlier nodes. The agent gets their results after its prompt. */
  readonly dependsOn?: readonly string[];
  readonly model?: string;
  readonly validate?: Validator;
  /** The graph's state schema, needed when `prompt` reads channels of this graph only. */
  readonly state?: StateOf<State>;
}

/** Runs one agent through the executor, with the usual slots, budget, ladder and gate. */
export function agentNode<State extends object = WorkflowState>(options: AgentNodeOptions<State>) {
  const { agent, prompt, description, dependsOn = [], model, validate, state } = options;
  return claudeExecutor<State>({
    name: "agent",
    ...(state && { state }),
    tasks: async (values, context) => {
      const id = options.id ?? executorNodeOf(context, agent);
      const own = typeof prompt === "string" ? prompt : await prompt(values, context);
      const task = {
        id,
        agent,
        prompt: `${own}${await materialFrom(dependsOn, context)}`,
        description: description ?? `${agent}: ${id}`,
      };
      return [{ ...task, ...(model !== undefined && { model }), ...(validate && { validate }) }];
    },
  });
}

/** @throws UsageError when one of the tasks has not run. */
async function materialFrom(ids: readonly string[], context: NodeContext): Promise<string> {
  if (ids.length === 0) return "";
  const { database, id } = activeThread(context);
  const results = await namedResults(database, id, ids, CONTEXT_CHARACTERS);
  const missing = ids.find((wanted) => !results.some((result) => result.id === wanted));
  if (missing !== undefined) {
    throw new UsageError(`No task "${missing}" has run in thread ${id}: let its node run before this one.`);
  }
  return `\n\n${renderResults(results, CONTEXT_CHARACTERS)}`;
}
