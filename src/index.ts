export type {
  Driver,
  DriverDescriptor,
  DriverSettings,
} from "./attempts/driver.ts";
export type { AgentResult } from "./domain/agent-result.ts";
export type { Config } from "./domain/config.ts";
export { UsageError } from "./domain/errors.ts";
export type { ProgressEvent } from "./domain/event.ts";
export type { Task, TaskInput, TaskReference } from "./domain/task.ts";
export { type ThreadOptions, threadOptionsSchema } from "./domain/thread-options.ts";
export { type AgentNodeOptions, agentNode } from "./nodes/agent-node.ts";
export { afterApproval, approvePlan } from "./nodes/approve-plan.ts";
export { afterResult, approveResult } from "./nodes/approve-result.ts";
export { afterBudget, askForBudget, isOverBudget } from "./nodes/budget-gate.ts";
export { claudeExecutor, type ExecutorOptions } from "./nodes/claude-executor.ts";
export { planNode } from "./nodes/plan.ts";
export { askHuman, resultOf } from "./nodes/result-of.ts";
export type { NodeContext } from "./nodes/runtime.ts";
export { defineState, type WorkflowState, type WorkflowUpdate, workflowState } from "./nodes/state.ts";
export { synthesizeNode } from "./nodes/synthesize.ts";
export {
  createDecurion,
  type Decurion,
  type DecurionOptions,
  type RunTaskOptions,
} from "./runs/create-decurion.ts";
export { defineGraph } from "./runs/define-graph.ts";
export type { Report } from "./runs/report.ts";
export { defineTool, type OwnToolSpec } from "./tools/own/define-own-tool.ts";
