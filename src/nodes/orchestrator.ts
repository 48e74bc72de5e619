import { type Answer, askOnce } from "../calls/answer.ts";
import type { OpeningContent } from "../calls/transport.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { Phase } from "../domain/event.ts";
import type { AgentScope } from "./agent-scope.ts";
import { type ActiveThread, type NodeContext, progressOf, signalOf, whileActive } from "./runtime.ts";

/** The agent for planning and synthesis. A project can replace it with an agent file of this name. */
const ORCHESTRATOR = "sydney-orchestrator";

export function orchestratorOf(thread: ActiveThread): AgentDefinition {
  return thread.scope.agents.get(ORCHESTRATOR);
}

/** All agents but the orchestrator. */
export function workersOf({ agents }: Pick<AgentScope, "agents">): AgentDefinition[] {
  return agents.list().filter((agent) => agent.name !== ORCHESTRATOR);
}

/**
 * One answer of the orchestrator.
 *
 * @throws CallError when there is no answer.
 */
export async function askOrchestrator(
  thread: ActiveThread,
  context: NodeContext,
  phase: Exclude<Phase, "agents">,
  content: OpeningContent,
  attempt: number,
): Promise<Answer> {
  const orchestrator = orchestratorOf(thread);
  const tell = progressOf(context);
  const answer = await whileActive(thread, () =>
    askOnce(thread.claude, content, {
      threadId: thread.id,
      phase,
      taskId: phase,
      agent: orchestrator.name,
      attempt,
      turn: 1,
      executionId: context.executionInfo?.taskId ?? null,
      model: thread.scope.modelFor(undefined, orchestrator),
      signal: signalOf(context),
      onText: (text) => tell({ type: "text", phase, taskId: phase, text }),
      onNote: (text) => tell({ type: "note", phase, taskId: phase, text }),
    }),
  );
  tell({ type: "call", phase, taskId: phase, costUsd: answer.costUsd });
  return answer;
}
