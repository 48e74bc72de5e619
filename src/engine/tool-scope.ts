import { join, resolve } from "node:path";
import { problemOfTools } from "../agents/tools/choose-tools.ts";
import { loadToolSources, type ToolSources } from "../agents/tools/tool-sources.ts";
import type { Config } from "../core/config.ts";
import { UsageError } from "../core/errors.ts";
import { executorFor } from "../core/executors.ts";
import type { ThreadOptions } from "../core/thread-options.ts";
import type { PlanScope } from "../nodes/plan.ts";

/** Where a run's agents have their tools from, and the check that each can have what its file asks for. */
export interface ToolScope extends Pick<PlanScope, "checkTools"> {
  readonly toolSources: ToolSources;
}

/**
 * Finds the tools of a run with these options.
 *
 * @throws UsageError when its own tools cannot be used here.
 */
export async function toolScope(
  config: Config,
  projectDir: string,
  options: ThreadOptions,
): Promise<ToolScope> {
  if (options.tools !== undefined && !config.allowCommands) {
    throw new UsageError(`The tools of ${options.tools} are code: set ALLOW_COMMANDS=true to run it here.`);
  }
  const toolSources = await loadToolSources({
    ...{ folder: projectDir, cacheFolder: join(resolve(projectDir, config.home), "tools") },
    ...{ variables: config.mcpVariables, connectMs: config.mcpConnectMs, callMs: config.toolCallMs },
    ...{ memoryMb: config.agentMemoryMb, webUses: config.webUses, ownTools: options.tools },
  });
  return {
    toolSources,
    checkTools: (agent) => {
      // Claude Code has tools of its own.
      if (executorFor(options.executor, agent.settings.executor) !== "messages") return;
      const problem = problemOfTools(agent, toolSources);
      if (problem !== undefined) throw new UsageError(problem);
    },
  };
}
