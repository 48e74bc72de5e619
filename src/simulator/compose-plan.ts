import { z } from "zod";
import { requestIn, sentencesIn } from "./extract.ts";

const planSchema = z.looseObject({
  properties: z.looseObject({
    tasks: z.looseObject({
      items: z.looseObject({
        properties: z.looseObject({
          id: z.unknown(),
          agent: z.looseObject({ enum: z.array(z.string()).min(1) }),
          prompt: z.unknown(),
        }),
      }),
    }),
  }),
});

/** The tasks of a simulated plan. `role` selects an agent whose name contains one of its words. */
const TASKS = [
  {
    id: "facts",
    role: ["research", "analyst", "search"],
    description: "Collect what is known",
    ask: "Collect the facts, constraints and open questions that matter for this request",
    dependsOn: [],
  },
  {
    id: "proposal",
    role: ["cod", "implement", "develop", "engineer", "architect", "write"],
    description: "Work out a proposal",
    ask: "Work out a concrete proposal for this request, step by step",
    dependsOn: [],
  },
  {
    id: "risks",
    role: ["research", "security", "review", "whisper"],
    description: "Name the risks",
    ask: "Name what can go wrong with this request, how likely it is and what helps against it",
    dependsOn: [],
  },
  {
    id: "check",
    role: ["valid", "test", "review", "qa"],
    description: "Check the results against each other",
    ask: "Check these results against the request and against each other, and say what is missing",
    dependsOn: ["facts", "proposal", "risks"],
  },
] as const;

/** A plan for a schema that asks for one: tasks for agents from its list. Undefined for any other schema. */
export function composePlan(
  schema: unknown,
  prompt: string,
): { readonly tasks: readonly object[] } | undefined {
  const parsed = planSchema.safeParse(schema);
  if (!parsed.success) return undefined;
  const agents = parsed.data.properties.tasks.items.properties.agent.enum;
  const request = requestIn(prompt);
  const isSmall = sentencesIn(request).length <= 1 && request.length < 40;
  const tasks = isSmall ? TASKS.slice(0, 3) : TASKS;
  return {
    tasks: tasks.map(({ id, role, description, ask, dependsOn }, index) => ({
      id,
      agent: agentFor(role, agents, index),
      description,
      prompt: `${ask}.\n\n${request}`,
      dependsOn,
    })),
  };
}

function agentFor(words: readonly string[], agents: readonly string[], index: number): string {
  const fitting = words.flatMap((word) => agents.filter((agent) => agent.toLowerCase().includes(word)));
  return fitting[0] ?? agents[index % agents.length] ?? "";
}
