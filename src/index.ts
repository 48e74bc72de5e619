import { readEnvironment } from "./cli/environment.ts";
import { openEngine } from "./engine/open-engine.ts";
import { processEngine } from "./engine/process-engine.ts";

/**
 * The engine of this process, opened at the first node run. Graphs and their nodes are built on it. A process
 * that is not the command line (Studio, a script) opens it from its own environment.
 */
export const runtime = () =>
  processEngine(async () => {
    const { config, folders } = readEnvironment();
    return openEngine(config, folders, () => undefined);
  });

export { defineTool, type OwnToolSpec } from "./agents/tools/own/define-own-tool.ts";
export type { AgentResult } from "./core/agent-result.ts";
export { UsageError } from "./core/errors.ts";
export type { ProgressEvent } from "./core/progress.ts";
export type { Task, TaskReference } from "./core/tasks.ts";
export { type ThreadOptions, threadOptionsSchema } from "./core/thread-options.ts";
export { workflow } from "./engine/workflow.ts";
export { afterApproval, approvePlan } from "./nodes/approve-plan.ts";
export { afterResult, approveResult } from "./nodes/approve-result.ts";
export { afterBudget, askForBudget, isOverBudget } from "./nodes/budget-gate.ts";
export { claudeExecutor } from "./nodes/claude-executor.ts";
export { planNode } from "./nodes/plan.ts";
export { type WorkflowState, type WorkflowUpdate, workflowState } from "./nodes/state.ts";
export { synthesizeNode } from "./nodes/synthesize.ts";
