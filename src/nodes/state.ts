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
  jsonSchemaExtra: { description: "What came of each task, by task id." },
});
const sharedMemory = new ReducedValue(z.array(z.string()).default([]), {
  reducer: (known, update) => [...new Set([...known, ...update])],
  jsonSchemaExtra: { description: "Notes for all agents; nothing is kept twice." },
});
const sacredConsciousness = new ReducedValue(emotionalStateSchema.default({}), {
  reducer: (known, update) => ({ ...known, ...update }),
  jsonSchemaExtra: { description: "Named intensities from 0 to 1, the mean of what the agents reported." },
});
const currentTasks = z
  .array(taskSchema)
  .default([])
  .describe("The plan. Given as input it is run as it is; else Claude makes one.");
const executionId = z.string().default("").describe("Which rows of agent_coordination belong to this run.");

/** The four channels of every workflow, the conversation, and how the run ends. Plain JSON, a few KB a task. */
export const workflowState = new StateSchema({
  input: z
    .string()
    .default("")
    .describe("What the agents are to do. Mention agents as @name to skip planning."),
  currentTasks,
  agentResults,
  sharedMemory,
  sacredConsciousness,
  messages: MessagesValue,
  executionId,
  feedback: z.string().default("").describe("Why a human rejected the plan; the next plan heeds it."),
  revision: z
    .object({ round: z.number(), reason: z.string(), output: z.string() })
    .nullable()
    .default(null)
    .describe("Why a human rejected the answer, how often so far, and which it was; the next one heeds it."),
  overBudget: z
    .object({
      phase: z.enum(["plan", "synthesis"]),
      gap: budgetGapSchema.nullable(),
      isDeclined: z.boolean(),
    })
    .nullable()
    .default(null)
    .describe("A phase that has no room for its next call, until a human has decided."),
  verdict: z.enum(VERDICTS).nullable().default(null),
  output: z.string().nullable().default(null).describe("The answer."),
  error: z.string().nullable().default(null).describe("Why there is no answer, or not a whole one."),
});
export type WorkflowState = typeof workflowState.State;
export type WorkflowUpdate = typeof workflowState.Update;

/**
 * The state of a graph with channels of its own beside those of every workflow.
 *
 * @param fields - zod schemas with a default, or LangGraph's `ReducedValue`; plain JSON.
 */
export function defineState<Fields extends StateSchemaFields>(fields: Fields) {
  return new StateSchema({ ...workflowState.fields, ...fields });
}

/** Where an executor stands, for itself alone. */
const executorProgress = {
  taskCount: z.number().default(0),
  /** What follows when the lanes are done. */
  next: z.enum(["gate", "lanes", "end"]).default("end"),
};

/** The channels of an executor that runs the plan in `currentTasks`. */
export const executorState = new StateSchema({ currentTasks, executionId, ...executorProgress });
export type ExecutorState = typeof executorState.State;

/** The channels by which an executor returns its results. */
export const executorResults = new StateSchema({ agentResults, sacredConsciousness, executionId });

/** The same without the execution's id, which only one of several executors could write. */
export const ownTasksResults = new StateSchema({
  agentResults,
  sacredConsciousness,
}) as typeof executorResults;

/** A state schema, as far as executors and agent nodes read it. */
export interface StateOf<State> {
  readonly State: State;
  readonly fields: StateSchemaFields;
}

/** A graph's state, in which an executor with tasks of its own keeps its progress. */
export function withProgress({ fields }: Pick<StateOf<unknown>, "fields">): typeof executorState {
  return new StateSchema({ ...fields, currentTasks, executionId, ...executorProgress });
}
