import { z } from "zod";
import type { Decision } from "../domain/decision.ts";
import { type Task, taskSchema } from "../domain/task.ts";
import { validatorSchema } from "../domain/validator.ts";
import { renderPlural } from "../format/amounts.ts";
import { clip } from "../format/text.ts";
import type { NewRequest } from "../postgres/requests.ts";
import { approve, edit, reject } from "./actions.ts";
import { type AnswerScope, defineKind, type Question } from "./kind.ts";
import type { ShownTask } from "./view.ts";

const shownTaskSchema = z.looseObject({
  id: z.string(),
  agent: z.string(),
  description: z.string(),
  prompt: z.string(),
  dependsOn: z.array(z.string()).default([]),
  model: z.string().nullish(),
  validate: validatorSchema.optional(),
});
const planSchema = z.looseObject({ tasks: z.array(shownTaskSchema), estimateUsd: z.number().optional() });

const SEND = "Run the edited plan";

/** Asks whether a plan may run. */
export const planKind = defineKind({
  name: "plan",
  payload: planSchema,
  title: "A plan waits for you",
  ask: { policies: ["always", "never"], help: "The plan before it runs; default: always." },
  isAutoApprovable: true,
  approvalReach: "data",
  // A rejection with a reason would make Claude write another plan, which costs money.
  byDefault: (answer) => (answer === "approve" ? { type: "approve" } : { type: "reject", message: "" }),
  ways: () => ["approve", "edit --args '<JSON>'", 'reject --message "<why>"'],
  sections: ({ tasks, estimateUsd = null }) => [{ type: "tasks", tasks: tasks.map(shownTask), estimateUsd }],
  actions: (plan, raw) => [
    approve("Run this plan"),
    edit(
      "Edit the tasks",
      plan ? { type: "tasks", send: SEND } : { type: "json", label: "As JSON", value: raw, send: SEND },
    ),
    reject("Reject", {
      label: "What should be different? With a reason Claude makes a new plan; without one the run ends.",
      question: "Why? The new plan will follow this reason: ",
    }),
  ],
  check: async (_, decision, scope) => {
    if (decision.type === "edit") await editedTasks(decision.args, scope);
  },
});

function shownTask({
  id,
  agent,
  description,
  prompt,
  dependsOn,
  model = null,
  ...rest
}: z.infer<typeof shownTaskSchema>): ShownTask {
  const { schema, command, timeoutSeconds, agent: judge } = rest.validate ?? {};
  const limit = timeoutSeconds === undefined ? "" : `, for at most ${timeoutSeconds} s`;
  const checks = [
    ...(schema ? [`the JSON schema: ${JSON.stringify(schema)}`] : []),
    ...(command ? [`the command${limit}: ${command}`] : []),
    ...(judge ? [`the agent ${judge}`] : []),
  ];
  return { id, agent, description, prompt, dependsOn, model, checks, rest };
}

/** Asks about a plan. `estimateUsd`: its estimated cost. */
export function planRequest(
  { threadId, stop }: Pick<Question<unknown>, "threadId" | "stop">,
  tasks: readonly Task[],
  estimateUsd: number,
): NewRequest {
  const names = tasks.map((task) => `${task.id} (${task.agent})`);
  return planKind.request({
    threadId,
    stop,
    about: "",
    taskId: null,
    summary: `Run ${renderPlural(tasks.length, "task")}: ${clip(names.join(", "), 300)}`,
    payload: { tasks: tasks.map((task) => ({ ...task, model: task.model ?? null })), estimateUsd },
  });
}

/** The state update for an answer: none, other tasks, the reason for another plan, or the end of the run. */
export async function answeredPlan(decision: Decision, scope: AnswerScope) {
  if (decision.type === "edit") {
    const tasks = await editedTasks(decision.args, scope);
    return { currentTasks: tasks.map((task) => taskSchema.parse(task)) };
  }
  if (decision.type !== "reject") return {};
  if (decision.message !== "") return { feedback: decision.message };
  return { verdict: "cancelled", error: "The plan was rejected, so nothing was run." } as const;
}

/** Parses an edit: tasks or a whole plan. `model: null`, as in the payload, means no model. */
function editedTasks(args: unknown, scope: AnswerScope): Promise<Task[]> {
  const plan = typeof args === "object" && args !== null && "tasks" in args ? args.tasks : args;
  return scope.planFrom({ tasks: Array.isArray(plan) ? plan.map(withoutNullModel) : plan });
}

function withoutNullModel(task: unknown): unknown {
  if (typeof task !== "object" || task === null || !("model" in task) || task.model !== null) return task;
  const { model: _, ...rest } = task;
  return rest;
}
