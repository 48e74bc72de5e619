import { readEnvironment } from "./cli/environment.ts";
import { openEngine } from "./engine/open-engine.ts";
import { processEngine, setEngineOpener } from "./engine/process-engine.ts";

// A process that is not the command line (Studio, a script) opens its engine from its own environment.
setEngineOpener(async () => {
  const { config, folders } = readEnvironment();
  return openEngine(config, folders, () => undefined);
});

/** The engine of this process, opened at the first node run. Graphs and their nodes are built on it. */
export const runtime = processEngine;

export type { AgentResult } from "./core/agent-result.ts";
export { UsageError } from "./core/errors.ts";
export type { ProgressEvent } from "./core/progress.ts";
export type { Task, TaskReference } from "./core/tasks.ts";
export { type ThreadOptions, threadOptionsSchema } from "./core/thread-options.ts";
export { workflow } from "./engine/workflow.ts";
export { approvePlan, type PlanExits } from "./nodes/approve-plan.ts";
export { claudeExecutor } from "./nodes/claude-executor.ts";
export { planNode } from "./nodes/plan.ts";
export { type WorkflowState, type WorkflowUpdate, workflowState } from "./nodes/state.ts";
export { synthesizeNode } from "./nodes/synthesize.ts";
