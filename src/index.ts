import { readEnvironment } from "./app.ts";
import { openEngine } from "./runs/open-engine.ts";
import { processEngine } from "./runs/process-engine.ts";

/**
 * The engine of this process, opened at the first node run. Graphs and their nodes are built on it. A process
 * that is not the command line (Studio, a script) opens it from its own environment.
 */
export const runtime = () =>
  processEngine(async () => {
    const { config, folders } = readEnvironment();
    return openEngine(config, folders, () => undefined);
  });

export type { AgentResult } from "./domain/agent-result.ts";
export { UsageError } from "./domain/errors.ts";
export type { ProgressEvent } from "./domain/event.ts";
export type { Task, TaskReference } from "./domain/task.ts";
export type { ThreadOptions } from "./domain/thread-options.ts";
export { afterApproval, approvePlan } from "./nodes/approve-plan.ts";
export { afterResult, approveResult } from "./nodes/approve-result.ts";
export { afterBudget, askForBudget, isOverBudget } from "./nodes/budget-gate.ts";
export { claudeExecutor } from "./nodes/claude-executor.ts";
export { planNode } from "./nodes/plan.ts";
export { type WorkflowState, type WorkflowUpdate, workflowState } from "./nodes/state.ts";
export { synthesizeNode } from "./nodes/synthesize.ts";
export { threadOptionsSchema } from "./requests/thread-options.ts";
export { workflow } from "./runs/workflow.ts";
export { defineTool, type OwnToolSpec } from "./tools/own/define-own-tool.ts";
