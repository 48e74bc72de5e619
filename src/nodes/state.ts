import { MessagesValue, ReducedValue, StateSchema, type StateSchemaFields } from "@langchain/langgraph";
import { z } from "zod";
import { emotionalStateSchema } from "../domain/agent-result.ts";
import { CEILINGS } from "../domain/budget.ts";
import { taskReferenceSchema, taskSchema, VERDICTS } from "../domain/task.ts";

const budgetGapSchema = z.object({
  kind: z.literal("budget"),
  ceiling: z.enum(CEILINGS),
  sentence: z.string(),
  neededUsd: z.number(),
  spentUsd: z.number(),
  limitUsd: z.number(),
});

// One constant for each reduced channel: schemas that share a channel must share its object.
const agentResults = new ReducedValue(z.record(z.string(), taskReferenceSchema).default({}), {
  reducer: (known, update) => ({ ...known, ...update }),
  jsonSchemaExtra: { description: "The result of each task, by task id." },
});
const sharedMemory = new ReducedValue(z.array(z.string()).default([]), {
  reducer: (known, update) => [...new Set([...known, ...update])],
  jsonSchemaExtra: { description: "Notes for all agents, without duplicates." },
});
const sacredConsciousness = new ReducedValue(emotionalStateSchema.default({}), {
  reducer: (known, update) => ({ ...known, ...update }),
  jsonSchemaExtra: { description: "Named intensities from 0 to 1, the mean of what the agents reported." },
});
const currentTasks = z.array(taskSchema).default([]).describe("The plan. Default: Claude makes one.");
const executionId = z.string().default("").describe("The id of this run's rows in agent_coordination.");

/** The state of every workflow: its four channels, the conversation and the result. Plain JSON, a few KB a task. */
export const workflowState = new StateSchema({
  input: z.string().default("").describe("The request. Mention agents as @name to skip planning."),
  currentTasks,
  agentResults,
  sharedMemory,
  sacredConsciousness,
  messages: MessagesValue,
  executionId,
  feedback: z.string().default("").describe("Why a human rejected the plan, for the next plan."),
  revision: z
    .object({ round: z.number(), reason: z.string(), output: z.string() })
    .nullable()
    .default(null)
    .describe("The rejected answer, the human's reason and the number of rejections, for the next answer."),
  overBudget: z
    .object({
      phase: z.enum(["plan", "synthesis"]),
      gap: budgetGapSchema.nullable(),
      isDeclined: z.boolean(),
    })
    .nullable()
    .default(null)
    .describe("The phase whose next call does not fit under the budget, until a human decides."),
  verdict: z.enum(VERDICTS).nullable().default(null),
  output: z.string().nullable().default(null).describe("The answer."),
  error: z.string().nullable().default(null).describe("Why there is no answer, or only a partial one."),
});
export type WorkflowState = typeof workflowState.State;
export type WorkflowUpdate = typeof workflowState.Update;

/**
 * The state of a graph: its own channels and those of every workflow.
 *
 * @param fields - zod schemas with a default, or LangGraph's `ReducedValue`; plain JSON.
 */
export function defineState<Fields extends StateSchemaFields>(fields: Fields) {
  return new StateSchema({ ...workflowState.fields, ...fields });
}

/** The private channels of an executor. */
const executorProgress = {
  taskCount: z.number().default(0),
  /** The route after the lanes. */
  next: z.enum(["gate", "lanes", "end"]).default("end"),
};

/** The channels of an executor that runs the plan in `currentTasks`. */
export const executorState = new StateSchema({ currentTasks, executionId, ...executorProgress });
export type ExecutorState = typeof executorState.State;

/** The output channels of an executor. */
export const executorResults = new StateSchema({ agentResults, sacredConsciousness, executionId });

/** The same without the execution's id, because several parallel executors cannot write one channel. */
export const ownTasksResults = new StateSchema({
  agentResults,
  sacredConsciousness,
}) as typeof executorResults;

/** The part of a state schema that executors and agent nodes need. */
export interface StateOf<State> {
  readonly State: State;
  readonly fields: StateSchemaFields;
}

/** A graph's state with the private channels of an executor. */
export function withProgress({ fields }: Pick<StateOf<unknown>, "fields">): typeof executorState {
  return new StateSchema({ ...fields, currentTasks, executionId, ...executorProgress });
}
