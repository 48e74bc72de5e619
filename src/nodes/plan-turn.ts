import type { OpeningContent } from "../calls/transport.ts";
import type { AgentDefinition } from "../domain/agent.ts";
import type { Task } from "../domain/task.ts";
import { clip } from "../format/text.ts";

/** The input of the planner. */
export interface PlanRequest {
  readonly input: string;
  readonly agents: readonly AgentDefinition[];
  /** The plan that a human or a check rejected, and the reason. */
  readonly rejected?: { readonly tasks: readonly Task[]; readonly reason: string } | undefined;
}

/** The turn that asks for a plan as structured output: tasks for these agents. */
export function planTurn(orchestrator: AgentDefinition, request: PlanRequest): OpeningContent {
  const agents = request.agents.map((agent) => `- ${agent.name}: ${clip(agent.description, 240)}`);
  const parts = [
    `Plan the tasks for this request:\n\n<request>\n${request.input}\n</request>`,
    `These agents can be given tasks:\n${agents.join("\n")}`,
    ...(request.rejected ? [rejection(request.rejected)] : []),
    'Answer with one JSON object {tasks: [{id, agent, description, prompt, dependsOn}]}: short unique ids in kebab-case, at most ten tasks, "dependsOn" naming ids of this plan.',
  ];
  return {
    system: orchestrator.prompt,
    prompt: parts.join("\n\n"),
    jsonSchema: planJsonSchema(request.agents.map((agent) => agent.name)),
  };
}

function rejection({ tasks, reason }: { tasks: readonly Task[]; reason: string }): string {
  const before = tasks.length > 0 ? `The plan before:\n${JSON.stringify({ tasks })}\n\n` : "";
  return `${before}That plan was turned down, for this reason: ${reason}`;
}

function planJsonSchema(agentNames: readonly string[]): Record<string, unknown> {
  const text = { type: "string" };
  const task = {
    type: "object",
    additionalProperties: false,
    required: ["id", "agent", "description", "prompt", "dependsOn"],
    properties: {
      id: { ...text, description: "Short and unique, in kebab-case." },
      agent: { ...text, enum: [...agentNames] },
      description: { ...text, description: "What the task is, in a few words, for people." },
      prompt: { ...text, description: "The agent's whole prompt." },
      dependsOn: { type: "array", items: text, description: "Ids of tasks whose results this one needs." },
    },
  };
  return {
    type: "object",
    additionalProperties: false,
    required: ["tasks"],
    properties: { tasks: { type: "array", items: task } },
  };
}
