import { MessagesValue, ReducedValue, StateSchema } from "@langchain/langgraph";
import { z } from "zod";
import { emotionalStateSchema } from "../domain/agent-result.ts";
import { CEILINGS } from "../domain/budget.ts";
import { taskReferenceSchema, taskSchema } from "../domain/task.ts";

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
  verdict: z.enum(["completed", "partial", "failed", "cancelled"]).nullable().default(null),
  output: z.string().nullable().default(null).describe("The answer."),
  error: z.string().nullable().default(null).describe("Why there is no answer, or not a whole one."),
});
export type WorkflowState = typeof workflowState.State;
export type WorkflowUpdate = typeof workflowState.Update;

/** The channels which `claude_executor` shares with the workflow around it. */
export const executorState = new StateSchema({
  currentTasks,
  agentResults,
  sacredConsciousness,
  executionId,
});
export type ExecutorState = typeof executorState.State;
